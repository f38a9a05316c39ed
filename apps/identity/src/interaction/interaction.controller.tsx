import {
  Controller,
  ForbiddenException,
  Get,
  Inject,
  Param,
  Post,
  Req,
  Res,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { Public } from '@portcullis/nest';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { decodeJwt } from 'jose';
import { errors, Provider, type InteractionResults } from 'oidc-provider';
import { z } from 'zod';
import { contentSecurityPolicy, formActionSource } from '../http/content-security-policy.ts';
import { PageExceptionFilter } from '../http/page-exception.filter.tsx';
import { SameOriginGuard } from '../http/same-origin.guard.ts';
import { ConsentPage } from '../pages/consent.page.tsx';
import { renderPage } from '../pages/layout.page.tsx';
import { LoginPage, type LoginFailure } from '../pages/login.page.tsx';
import { LongerPasswordPage } from '../pages/longer-password.page.tsx';
import { NewPassword } from '../people/new-password.ts';
import { PasswordChange } from '../people/password-change.ts';
import { PasswordLogin, type Origin } from '../people/password-login.ts';
import { SHORTEST_ADMINISTRATOR_PASSWORD } from '../people/password-policy.ts';
import { UserStore, type User } from '../people/user-store.ts';
import { PASSWORD_ACR } from '../provider/interaction-policy.ts';
import { Consent } from './consent.ts';
import { Interactions, type CurrentInteraction } from './current-interaction.ts';

const Email = z
  .string()
  .max(254)
  .regex(/^[^\0]*$/);
const Credentials = z.object({ email: Email, password: z.string().min(1).max(1024) });
const Address = z.object({ email: Email });

const NO_SESSION_YET = 'none';

/** How the person is asked: who they are, and whether a client may act for them. */
@Controller('interaction/:uid')
@Public()
@UseFilters(PageExceptionFilter)
export class InteractionController {
  readonly #provider: Provider;
  readonly #interactions: Interactions;
  readonly #login: PasswordLogin;
  readonly #passwords: PasswordChange;
  readonly #users: UserStore;
  readonly #consent: Consent;

  constructor(
    @Inject(Provider) provider: Provider,
    @Inject(Interactions) interactions: Interactions,
    @Inject(PasswordLogin) login: PasswordLogin,
    @Inject(PasswordChange) passwords: PasswordChange,
    @Inject(UserStore) users: UserStore,
    @Inject(Consent) consent: Consent,
  ) {
    this.#provider = provider;
    this.#interactions = interactions;
    this.#login = login;
    this.#passwords = passwords;
    this.#users = users;
    this.#consent = consent;
  }

  @Get()
  async page(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const current = await this.#interactions.current(uid, request, reply);
    if (current.details.prompt.name === 'login') {
      const hint = current.details.params['login_hint'];
      const { session } = current.details;
      const known = session?.accountId === undefined ? undefined : await this.#users.find(session.accountId);
      return this.#showLogin(reply, current, {
        email: known?.email ?? (typeof hint === 'string' ? hint : ''),
      });
    }
    const { redirectUri, formToken, client } = current;
    const page = (
      <ConsentPage
        uid={uid}
        formToken={formToken}
        clientName={client.clientName ?? client.clientId}
        userEmail={await this.#consent.userEmail(current)}
        wishes={await this.#consent.wishes(current)}
        destination={redirectUri === undefined ? undefined : formActionSource(redirectUri)}
      />
    );
    return this.#show(reply, current, renderPage(page));
  }

  @Post('login')
  @UseGuards(SameOriginGuard)
  async login(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const current = await this.#submittedLogin(uid, request, reply);
    const typed = Credentials.safeParse(request.body);
    if (!typed.success) return this.#refuseLogin(reply, current, emailFrom(request), 'wrong');
    const origin = originOf(current, request);
    const result = await this.#login.attempt(typed.data, origin);
    if ('refused' in result) return this.#refuseLogin(reply, current, typed.data.email, result.refused);
    if (!mayAnswer(result.user, current)) {
      return this.#refuseLogin(reply, current, typed.data.email, 'other');
    }
    void reply.header('Set-Cookie', result.browserCookie);
    if (await this.#passwords.isTooShort(result.user, typed.data.password)) {
      return this.#showLongerPassword(reply, current, { email: result.user.email });
    }
    return this.#loggedIn(request, reply, { user: result.user, origin });
  }

  /** Of somebody who logged in, but whose password is too short for what the account may do now. */
  @Post('password')
  @UseGuards(SameOriginGuard)
  async password(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const current = await this.#submittedLogin(uid, request, reply);
    const email = emailFrom(request);
    const form = NewPassword.safeParse(request.body);
    if (!form.success) {
      void reply.status(422);
      const objection = form.error.issues[0]?.message ?? '';
      return this.#showLongerPassword(reply, current, { email, objection });
    }
    const origin = originOf(current, request);
    const result = await this.#login.attempt({ email, password: form.data.current }, origin);
    if ('refused' in result) return this.#refuseLogin(reply, current, email, result.refused);
    const { user } = result;
    if (!mayAnswer(user, current)) return this.#refuseLogin(reply, current, email, 'other');
    if (!(await this.#passwords.isTooShort(user, form.data.current))) {
      throw new ForbiddenException('The password of this account is long enough.');
    }
    const objection = await this.#passwords.objection(user, form.data.new);
    if (objection !== undefined) {
      void reply.status(422);
      return this.#showLongerPassword(reply, current, { email, objection });
    }
    const actor = { ...actorOf(current, request), subject: user.id };
    // Session by session, for a cut-off by time would deny the tokens of this login as well.
    const exceptSession = current.details.session?.uid ?? NO_SESSION_YET;
    if (!(await this.#passwords.change(actor, user, form.data.new, { exceptSession }))) {
      return this.#refuseLogin(reply, current, email, 'wrong');
    }
    return this.#loggedIn(request, reply, { user, origin });
  }

  @Post('consent')
  @UseGuards(SameOriginGuard)
  async allow(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const current = await this.#interactions.submitted(uid, request, reply);
    if (current.details.prompt.name !== 'consent') throw new errors.SessionNotFound('not asked for consent');
    const grantId = await this.#consent.give(actorOf(current, request), current);
    return this.#finish(request, reply, { consent: { grantId } });
  }

  @Post('abort')
  @UseGuards(SameOriginGuard)
  async abort(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    await this.#interactions.submitted(uid, request, reply);
    return this.#finish(request, reply, {
      error: 'access_denied',
      error_description: 'End-User aborted interaction',
    });
  }

  async #submittedLogin(uid: string, request: FastifyRequest, reply: FastifyReply) {
    const current = await this.#interactions.submitted(uid, request, reply);
    if (current.details.prompt.name !== 'login') throw new errors.SessionNotFound('not asked to log in');
    return current;
  }

  #refuseLogin(reply: FastifyReply, current: CurrentInteraction, email: string, failure: LoginFailure) {
    void reply.status(401);
    return this.#showLogin(reply, current, { email, failure });
  }

  #showLogin(
    reply: FastifyReply,
    current: CurrentInteraction,
    form: { readonly email: string; readonly failure?: LoginFailure },
  ) {
    const { details, formToken, client } = current;
    const page = (
      <LoginPage
        uid={details.uid}
        formToken={formToken}
        clientName={client.clientName ?? client.clientId}
        again={details.session?.accountId !== undefined}
        {...form}
      />
    );
    return this.#show(reply, current, renderPage(page));
  }

  #showLongerPassword(
    reply: FastifyReply,
    current: CurrentInteraction,
    form: { readonly email: string; readonly objection?: string },
  ) {
    const { details, formToken } = current;
    const shortest = SHORTEST_ADMINISTRATOR_PASSWORD;
    const page = <LongerPasswordPage uid={details.uid} formToken={formToken} shortest={shortest} {...form} />;
    return this.#show(reply, current, renderPage(page));
  }

  async #loggedIn(
    request: FastifyRequest,
    reply: FastifyReply,
    { user, origin }: { readonly user: User; readonly origin: Origin },
  ) {
    await this.#login.completed(user, origin);
    const login = { accountId: user.id, amr: ['pwd'], acr: PASSWORD_ACR, remember: true };
    return this.#finish(request, reply, { login });
  }

  #show(reply: FastifyReply, { redirectUri }: CurrentInteraction, html: string) {
    return reply
      .header(
        'Content-Security-Policy',
        contentSecurityPolicy(redirectUri === undefined ? [] : [formActionSource(redirectUri)]),
      )
      .type('text/html; charset=utf-8')
      .send(html);
  }

  async #finish(request: FastifyRequest, reply: FastifyReply, result: InteractionResults) {
    const returnTo = await this.#provider.interactionResult(request.raw, reply.raw, result);
    return reply.redirect(returnTo, 303);
  }
}

function originOf({ client }: CurrentInteraction, { ip, headers }: FastifyRequest): Origin {
  return { client: client.clientId, address: ip, cookieHeader: headers.cookie };
}

function actorOf({ client }: CurrentInteraction, { ip, id }: FastifyRequest) {
  return { client: client.clientId, address: ip, requestId: id };
}

/**
 * OpenID Connect Core, 3.1.2.1: what is asked for with `id_token_hint` is for that user alone. oidc-provider
 * verified the hint, and looks at who logged in only where somebody was logged in before.
 */
function mayAnswer(user: User, { details }: CurrentInteraction): boolean {
  const hint = details.params['id_token_hint'];
  return typeof hint !== 'string' || decodeJwt(hint).sub === user.id;
}

/** What was typed as the address, to show it again; empty when it was none. */
function emailFrom({ body }: FastifyRequest): string {
  return Address.safeParse(body).data?.email ?? '';
}
