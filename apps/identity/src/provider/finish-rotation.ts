import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import type { RefreshRotation } from '../artifacts/refresh-rotation.ts';
import { isRecord } from './token-response.ts';

/** Uses the refresh token up once its answer is made; the answer names the one successor that it has. */
export function finishRotation(provider: Provider, rotation: RefreshRotation) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    await next();
    if (ctx.status !== 200 || !isRecord(ctx.body)) return;
    try {
      const refreshToken = await rotation.finish(ctx);
      if (refreshToken !== undefined) ctx.body = { ...ctx.body, refresh_token: refreshToken };
    } catch (error) {
      if (!(error instanceof errors.InvalidGrant)) throw error;
      ctx.status = error.statusCode;
      ctx.body = { error: error.error, error_description: error.error_description };
      provider.emit('grant.error', ctx, error);
    }
  };
}
