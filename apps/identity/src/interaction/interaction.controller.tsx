import { Controller, Get, Inject, Param, Post, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { Public } from '@portcullis/nest';
import type { Log } from '@portcullis/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errors, Provider, type InteractionResults } from 'oidc-provider';
import { z } from 'zod';
import { contentSecurityPolicy, formActionSource } from '../http/content-security-policy.ts';
import { PageExceptionFilter } from '../http/page-exception.filter.tsx';
import { SameOriginGuard } from '../http/same-origin.guard.ts';
import { LOG } from '../identity.tokens.ts';
import { ConsentPage } from '../pages/consent.page.tsx';
import { renderPage } from '../pages/layout.page.tsx';
import { LoginPage } from '../pages/login.page.tsx';
import { UserStore } from '../people/user-store.ts';
import { Consent } from './consent.ts';
import { Interactions, type CurrentInteraction } from './current-interaction.ts';

const Credentials = z.object({
  email: z
    .string()
    .max(254)
    .regex(/^[^\0]*$/),
  password: z.string().min(1).max(1024),
});

/** How the person is asked: who they are, and whether a client may act for them. */
@Public()
@Controller('interaction/:uid')
@UseFilters(PageExceptionFilter)
export class InteractionController {
  readonly #provider: Provider;
  readonly #interactions: Interactions;
  readonly #users: UserStore;
  readonly #consent: Consent;
  readonly #log: Log;

  constructor(
    @Inject(Provider) provider: Provider,
    @Inject(Interactions) interactions: Interactions,
    @Inject(UserStore) users: UserStore,
    @Inject(Consent) consent: Consent,
    @Inject(LOG) log: Log,
  ) {
    this.#provider = provider;
    this.#interactions = interactions;
    this.#users = users;
    this.#consent = consent;
    this.#log = log;
  }

  @Get()
  async page(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const current = await this.#interactions.current(uid, request, reply);
    if (current.details.prompt.name === 'login') {
      const hint = current.details.params['login_hint'];
      return this.#showLogin(reply, current, { email: typeof hint === 'string' ? hint : '', failed: false });
    }
    const { redirectUri, formToken, client } = current;
    const page = (
      <ConsentPage
        uid={uid}
        formToken={formToken}
        clientName={client.clientName ?? client.clientId}
        userEmail={await this.#consent.userEmail(current)}
        wishes={await this.#consent.wishes(current)}
        destination={formActionSource(redirectUri)}
      />
    );
    return this.#show(reply, current, renderPage(page));
  }

  @Post('login')
  @UseGuards(SameOriginGuard)
  async login(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const current = await this.#interactions.submitted(uid, request, reply);
    if (current.details.prompt.name !== 'login') throw new errors.SessionNotFound('not asked to log in');
    const typed = Credentials.safeParse(request.body);
    const user = typed.success
      ? await this.#users.authenticate(typed.data.email, typed.data.password)
      : undefined;
    const client = current.client.clientId;
    if (!user) {
      this.#log.warn({ client, user: 'unknown' }, 'login failed');
      void reply.status(401);
      return this.#showLogin(reply, current, { email: typed.data?.email ?? '', failed: true });
    }
    this.#log.info({ client, user: user.id }, 'login succeeded');
    const login = { accountId: user.id, amr: ['pwd'], acr: 'urn:portcullis:acr:password', remember: true };
    return this.#finish(request, reply, { login });
  }

  @Post('consent')
  @UseGuards(SameOriginGuard)
  async allow(@Param('uid') uid: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const current = await this.#interactions.submitted(uid, request, reply);
    if (current.details.prompt.name !== 'consent') throw new errors.SessionNotFound('not asked for consent');
    const grantId = await this.#consent.give(current);
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

  #showLogin(
    reply: FastifyReply,
    current: CurrentInteraction,
    form: { readonly email: string; readonly failed: boolean },
  ) {
    const { details, formToken, client } = current;
    const clientName = client.clientName ?? client.clientId;
    return this.#show(
      reply,
      current,
      renderPage(<LoginPage uid={details.uid} formToken={formToken} clientName={clientName} {...form} />),
    );
  }

  #show(reply: FastifyReply, { redirectUri }: CurrentInteraction, html: string) {
    return reply
      .header('Content-Security-Policy', contentSecurityPolicy([formActionSource(redirectUri)]))
      .type('text/html; charset=utf-8')
      .send(html);
  }

  async #finish(request: FastifyRequest, reply: FastifyReply, result: InteractionResults) {
    const returnTo = await this.#provider.interactionResult(request.raw, reply.raw, result);
    return reply.redirect(returnTo, 303);
  }
}
