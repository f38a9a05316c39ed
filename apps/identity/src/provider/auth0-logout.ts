import type { Log } from '@portcullis/service';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

/** Auth0's `/v2/logout`: ends the session and its grants, then goes where the client registered. */
export function auth0Logout(
  provider: Provider,
  log: Log,
  renderError: (ctx: KoaContextWithOIDC, out: { error: string; error_description: string }) => void,
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
      await session.destroy();
      log.info({ client: client?.clientId, user: session.accountId }, 'logged out');
    }
    provider.createContext(ctx.req, ctx.res).cookies.set(provider.cookieName('session'), null);
    ctx.status = 302;
    ctx.redirect(typeof target === 'string' ? target : '/oidc/logout/success');
  };
}
