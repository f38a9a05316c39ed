import { isDatabaseAway } from '@portcullis/service';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';

type RenderError = (ctx: KoaContextWithOIDC, out: { error: string; error_description: string }) => unknown;

const OUT = { error: 'temporarily_unavailable', error_description: 'try again in a moment' };

/** 503 while the database is away: nothing was decided, and the client loses nothing by asking again. */
export function answerUnavailable(provider: Provider, renderError: RenderError) {
  const failed = new WeakSet<KoaContextWithOIDC>();
  provider.on('server_error', (ctx, error) => {
    if (isDatabaseAway(error)) failed.add(ctx);
  });
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    try {
      await next();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      failed.add(ctx);
    }
    if (!failed.has(ctx)) return;
    // Also where the answer would have been a redirect: the client's own page is no place for our trouble.
    ctx.remove('Location');
    if (ctx.accepts('json', 'html') === 'html') await renderError(ctx, OUT);
    else ctx.body = OUT;
    ctx.status = 503;
    ctx.set('Retry-After', '1');
  };
}
