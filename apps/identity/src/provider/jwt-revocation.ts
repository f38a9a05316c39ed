import type { KoaContextWithOIDC } from 'oidc-provider';
import type { ChangeLog } from '../changes/change-log.ts';
import { isJwtRefusal } from './jwt-refusal.ts';
import type { JwtAccessTokens } from './jwt-access-tokens.ts';
import { ROUTES } from './routes.ts';

/**
 * RFC 7009 for JWT access tokens: whoever was issued one can have it denied to the APIs. The refresh
 * token that it came with is another's to revoke, and stays.
 */
export function jwtRevocation(tokens: JwtAccessTokens, changes: ChangeLog) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    await next();
    if (ctx.path !== ROUTES.revocation || !isJwtRefusal(ctx) || !ctx.oidc.client) return;
    const { clientId } = ctx.oidc.client;
    const token = await tokens.read(String(ctx.oidc.params?.['token']));
    if (token && token.clientId !== clientId) {
      ctx.status = 400;
      ctx.body = { error: 'invalid_request', error_description: 'the token was issued to another client' };
      return;
    }
    // RFC 7009, 2.2: a token that is not valid any more is as good as revoked.
    if (token && (await tokens.standing(token))) {
      const subject = token.claims.sub ?? '';
      await changes.write({ subject, client: clientId }, (_tx, record) =>
        record({
          action: 'token.revoke',
          target: { kind: 'token', id: token.jti },
          denies: [{ by: 'token', value: token.jti }],
        }),
      );
    }
    ctx.status = 200;
    ctx.body = '';
  };
}
