import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { ROUTES } from './routes.ts';

/**
 * Sends a browser that has no session (any more) to the first of the pages for a device. oidc-provider would
 * make it one while it shows what is wrong, and fail to save it.
 */
export function deviceSession(provider: Provider) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    const start = ROUTES.code_verification;
    const goesOn = (ctx.path === start && ctx.method === 'POST') || ctx.path.startsWith(`${start}/`);
    // What was saved has an end.
    if (goesOn && (await provider.Session.get(ctx)).exp === undefined) {
      ctx.status = 303;
      ctx.redirect(start);
      return;
    }
    await next();
  };
}
