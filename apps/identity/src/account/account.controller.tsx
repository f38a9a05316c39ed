import { Controller, Get, Inject, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { Public } from '@portcullis/nest';
import type { Log } from '@portcullis/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ReactElement } from 'react';
import { z } from 'zod';
import { ChangeLog } from '../changes/change-log.ts';
import { ACCOUNT_CLIENT_ID, type ACCOUNT_PAGES } from '../clients/account-client.ts';
import { PageExceptionFilter } from '../http/page-exception.filter.tsx';
import { SameOriginGuard } from '../http/same-origin.guard.ts';
import { LOG } from '../identity.tokens.ts';
import { NotLoggedInPage } from '../pages/account.layout.tsx';
import { ApplicationsPage } from '../pages/applications.page.tsx';
import { renderPage } from '../pages/layout.page.tsx';
import { PasswordPage } from '../pages/password.page.tsx';
import { ProfilePage, type ProfileForm } from '../pages/profile.page.tsx';
import { SessionsPage } from '../pages/sessions.page.tsx';
import { BrowserSessionStore } from '../people/browser-session-store.ts';
import { ConsentStore } from '../people/consent-store.ts';
import { NewPassword } from '../people/new-password.ts';
import { PasswordChange } from '../people/password-change.ts';
import { PasswordLogin } from '../people/password-login.ts';
import { shortestPassword } from '../people/password-policy.ts';
import { Profile, saveProfile } from '../people/profile.ts';
import { ResourceServerStore } from '../people/resource-server-store.ts';
import { scopesInWords } from '../people/scopes-in-words.ts';
import { UserStore } from '../people/user-store.ts';
import { Revocations } from '../revocation/revocations.ts';
import { AccountVisits, type AccountVisit } from './account-visit.ts';

type Page = (typeof ACCOUNT_PAGES)[number];

/** What a return from logging in, or from a form, leaves in the address. */
const Arrival = z.object({
  code: z.string().optional(),
  error: z.string().optional(),
  done: z.enum(['saved', 'changed', 'ended', 'revoked']).optional().catch(undefined),
});
type Done = z.infer<typeof Arrival>['done'];

const PublicId = z.object({ session: z.string().max(64) });
const ClientId = z.object({ client: z.string().max(256) });

const WRONG_PASSWORD = 'The current password is wrong.';
const TOO_MANY = 'There were too many attempts. Please try again in a quarter of an hour.';
const ELSEWHERE = 'The password was changed somewhere else at this moment. Please try again.';

/** A person's own account: who they are, where they are logged in, and what acts for them. */
@Controller('account')
// No token opens these pages: oidc-provider's session does, and each handler looks at it first.
@Public()
@UseFilters(PageExceptionFilter)
export class AccountController {
  readonly #visits: AccountVisits;
  readonly #users: UserStore;
  readonly #apis: ResourceServerStore;
  readonly #login: PasswordLogin;
  readonly #passwords: PasswordChange;
  readonly #sessions: BrowserSessionStore;
  readonly #consents: ConsentStore;
  readonly #changes: ChangeLog;
  readonly #revocations: Revocations;
  readonly #log: Log;

  constructor(
    @Inject(AccountVisits) visits: AccountVisits,
    @Inject(UserStore) users: UserStore,
    @Inject(ResourceServerStore) apis: ResourceServerStore,
    @Inject(PasswordLogin) login: PasswordLogin,
    @Inject(PasswordChange) passwords: PasswordChange,
    @Inject(BrowserSessionStore) sessions: BrowserSessionStore,
    @Inject(ConsentStore) consents: ConsentStore,
    @Inject(ChangeLog) changes: ChangeLog,
    @Inject(Revocations) revocations: Revocations,
    @Inject(LOG) log: Log,
  ) {
    this.#visits = visits;
    this.#users = users;
    this.#apis = apis;
    this.#login = login;
    this.#passwords = passwords;
    this.#sessions = sessions;
    this.#consents = consents;
    this.#changes = changes;
    this.#revocations = revocations;
    this.#log = log;
  }

  @Get()
  profile(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#arrive('account', { query, request, reply }, ({ user, formToken }, done) => (
      <ProfilePage
        formToken={formToken}
        email={user.email}
        form={{ name: user.name, nickname: user.nickname, picture: user.picture ?? '' }}
        saved={done === 'saved'}
      />
    ));
  }

  @Post('profile')
  @UseGuards(SameOriginGuard)
  saveProfile(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#submit('account', request, reply, async ({ user, formToken, actor }) => {
      const form = Profile.safeParse(request.body);
      if (!form.success) {
        const issue = form.error.issues[0];
        void reply.status(422);
        return (
          <ProfilePage
            formToken={formToken}
            email={user.email}
            form={typedProfile(request.body)}
            objection={{ field: String(issue?.path[0]), message: issue?.message ?? '' }}
          />
        );
      }
      await saveProfile(this.#changes, actor, user.id, form.data);
      return 'saved';
    });
  }

  @Get('password')
  password(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#arrive('account/password', { query, request, reply }, async (visit, done) =>
      visit.recent || done === 'changed'
        ? this.#passwordPage(visit, { changed: done === 'changed' })
        : this.#visits.loginAddress('account/password', { recent: true }),
    );
  }

  @Post('password')
  @UseGuards(SameOriginGuard)
  changePassword(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#submit('account/password', request, reply, async (visit) => {
      if (!visit.recent) return { redirect: this.#visits.loginAddress('account/password', { recent: true }) };
      const objection = await this.#tryToChange(visit, request);
      if (objection === undefined) return 'changed';
      void reply.status(422);
      return this.#passwordPage(visit, { objection });
    });
  }

  @Get('sessions')
  sessions(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#arrive('account/sessions', { query, request, reply }, async (visit, done) => (
      <SessionsPage
        formToken={visit.formToken}
        sessions={await this.#sessions.list(visit.user.id)}
        current={visit.sessionUid}
        ended={done === 'ended'}
      />
    ));
  }

  @Post('sessions/end')
  @UseGuards(SameOriginGuard)
  endSession(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#submit('account/sessions', request, reply, async ({ user, actor }) => {
      const publicId = PublicId.safeParse(request.body).data?.session;
      const session = (await this.#sessions.list(user.id)).find((one) => one.publicId === publicId);
      // Ended in the meantime, or never theirs: either way there is none to end.
      if (session) await this.#revocations.endSession(actor, session.uid);
      return 'ended';
    });
  }

  @Post('sessions/end-others')
  @UseGuards(SameOriginGuard)
  endOtherSessions(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#submit('account/sessions', request, reply, async ({ user, sessionUid, actor }) => {
      await this.#revocations.endUser(actor, user.id, { exceptSession: sessionUid });
      return 'ended';
    });
  }

  @Get('applications')
  applications(@Query() query: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#arrive('account/applications', { query, request, reply }, async (visit, done) => {
      const applications = await this.#consents.applications(visit.user.id);
      return (
        <ApplicationsPage
          formToken={visit.formToken}
          applications={await Promise.all(
            applications.map(async (one) => ({ ...one, may: await scopesInWords(this.#apis, one) })),
          )}
          revoked={done === 'revoked'}
        />
      );
    });
  }

  @Post('applications/revoke')
  @UseGuards(SameOriginGuard)
  revokeApplication(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#submit('account/applications', request, reply, async ({ user, actor }) => {
      const clientId = ClientId.safeParse(request.body).data?.client;
      const known = (await this.#consents.applications(user.id)).some((one) => one.clientId === clientId);
      if (clientId !== undefined && known) await this.#consents.withdraw(actor, user.id, clientId);
      return 'revoked';
    });
  }

  async #tryToChange(
    { user, actor, sessionUid }: AccountVisit,
    request: FastifyRequest,
  ): Promise<string | undefined> {
    const form = NewPassword.safeParse(request.body);
    if (!form.success) return form.error.issues[0]?.message ?? '';
    const origin = { client: ACCOUNT_CLIENT_ID, address: request.ip, cookieHeader: undefined };
    const verdict = await this.#login.confirm(user, form.data.current, origin);
    if (verdict !== 'right') return verdict === 'wrong' ? WRONG_PASSWORD : TOO_MANY;
    const objection = await this.#passwords.objection(user, form.data.new);
    if (objection !== undefined) return objection;
    const changed = await this.#passwords.change(actor, user, form.data.new, { exceptSession: sessionUid });
    if (!changed) return ELSEWHERE;
    this.#log.info({ type: 'scp', user: user.id, address: request.ip }, 'password changed');
    return undefined;
  }

  async #passwordPage(
    { user, formToken }: AccountVisit,
    state: { readonly changed?: boolean; readonly objection?: string },
  ) {
    const shortest = shortestPassword({ administers: await this.#users.administers(user.id) });
    return <PasswordPage formToken={formToken} email={user.email} shortest={shortest} {...state} />;
  }

  /** Shows the page to whoever is logged in; everybody else is sent to log in and comes back. */
  async #arrive(
    page: Page,
    at: { readonly query: unknown; readonly request: FastifyRequest; readonly reply: FastifyReply },
    show: (visit: AccountVisit, done: Done) => ReactElement | string | Promise<ReactElement | string>,
  ) {
    const { request, reply } = at;
    const { code, error, done } = Arrival.safeParse(at.query).data ?? {};
    // Neither the code nor what else came along stays in the address.
    if (code !== undefined) return reply.redirect(`/${page}`, 303);
    const visit = await this.#visits.current(request, reply);
    if (!visit) {
      if (error !== undefined) return this.#send(reply.status(401), <NotLoggedInPage page={page} />);
      return reply.redirect(this.#visits.loginAddress(page), 303);
    }
    const shown = await show(visit, done);
    if (typeof shown !== 'string') return this.#send(reply, shown);
    if (error !== undefined) return this.#send(reply.status(401), <NotLoggedInPage page={page} />);
    return reply.redirect(shown, 303);
  }

  /** Does what a form of ours asks for; afterwards the page is shown anew, so that reloading repeats nothing. */
  async #submit(
    page: Page,
    request: FastifyRequest,
    reply: FastifyReply,
    act: (visit: AccountVisit) => Promise<NonNullable<Done> | { readonly redirect: string } | ReactElement>,
  ) {
    const visit = await this.#visits.current(request, reply);
    if (!visit) return reply.redirect(this.#visits.loginAddress(page), 303);
    this.#visits.verifyForm(visit, request);
    const outcome = await act(visit);
    if (typeof outcome === 'string') return reply.redirect(`/${page}?done=${outcome}`, 303);
    return 'redirect' in outcome ? reply.redirect(outcome.redirect, 303) : this.#send(reply, outcome);
  }

  #send(reply: FastifyReply, page: ReactElement) {
    return reply.type('text/html; charset=utf-8').send(renderPage(page));
  }
}

/** What was typed, to show it again beside what is wrong with it. */
function typedProfile(body: unknown): ProfileForm {
  const text = z.string().max(4096).catch('');
  return z
    .object({ name: text, nickname: text, picture: text })
    .catch({ name: '', nickname: '', picture: '' })
    .parse(body);
}
