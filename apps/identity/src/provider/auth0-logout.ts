import type { Log } from '@portcullis/service';
import type { KoaContextWithOIDC, Provider, Session } from 'oidc-provider';
import { clientSessions, type ClientSession } from '../logout/logout-notices.ts';

/** Auth0's `/v2/logout`: ends the session and its grants, then goes where the client registered. */
export function auth0Logout(
  provider: Provider,
  {
    log,
    sessionsOver,
    renderError,
  }: {
    readonly log: Log;
    readonly sessionsOver: (sessions: readonly ClientSession[]) => Promise<void>;
    readonly renderError: (
      ctx: KoaContextWithOIDC,
      out: { error: string; error_description: string },
    ) => void;
  },
) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    if (ctx.path !== '/v2/logout' || ctx.method !== 'GET') {
      await next();
      return;
    }
    // An image or a frame on somebody's page is not a person who wants to leave.
    if (!['', 'document'].includes(ctx.get('Sec-Fetch-Dest'))) {
      ctx.status = 400;
      renderError(ctx, { error: 'invalid_request', error_description: 'logging out is a page of its own' });
      return;
    }
    const { client_id: clientId, returnTo } = ctx.query;
    const client = typeof clientId === 'string' ? await provider.Client.find(clientId) : undefined;
    const allowed = client?.postLogoutRedirectUris ?? [];
    const target = returnTo ?? allowed[0];
    if (returnTo !== undefined && !allowed.includes(String(returnTo))) {
      // Nothing has been ended yet: a foreign link must not log anyone out and keep them.
      ctx.status = 400;
      renderError(ctx, {
        error: 'invalid_request',
        error_description: 'returnTo is not one of the Allowed Logout URLs of this client',
      });
      return;
    }
    const session = await provider.Session.get(ctx);
    if (session.accountId !== undefined) {
      await sessionsOver(clientSessions(session.accountId, session.authorizations));
      await endGrants(provider, session);
      await session.destroy();
      log.info({ client: client?.clientId, user: session.accountId }, 'logged out');
    }
    provider.createContext(ctx.req, ctx.res).cookies.set(provider.cookieName('session'), null);
    ctx.status = 302;
    ctx.redirect(typeof target === 'string' ? target : '/oidc/logout/success');
  };
}

async function endGrants(provider: Provider, session: Session): Promise<void> {
  for (const { grantId, persistsLogout } of Object.values(session.authorizations ?? {})) {
    if (grantId === undefined || persistsLogout) continue;
    await Promise.all([
      provider.AccessToken.revokeByGrantId(grantId),
      provider.RefreshToken.revokeByGrantId(grantId),
      provider.AuthorizationCode.revokeByGrantId(grantId),
      provider.Grant.adapter.destroy(grantId),
    ]);
  }
}
