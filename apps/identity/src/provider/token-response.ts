import type { KoaContextWithOIDC } from 'oidc-provider';
import { speaksAuth0 } from '../clients/client-traits.ts';
import { words } from './access-token-claims.ts';
import { grantedOidcScopes } from './access-token-dialect.ts';

type Next = () => Promise<unknown>;

const AUTH0_INVALID_GRANT: Readonly<Record<string, string>> = {
  refresh_token: 'Unknown or invalid refresh token.',
  authorization_code: 'Invalid authorization code',
};

/** Names every scope of the grant (RFC 6749, 5.1), and answers Auth0's clients in Auth0's words. */
export function tokenResponse(options: { readonly auth0Dialect: boolean }) {
  return async (ctx: KoaContextWithOIDC, next: Next): Promise<void> => {
    await next();
    if (ctx.path !== '/oauth/token' || !isRecord(ctx.body)) return;
    const { client, params } = ctx.oidc;
    if (ctx.status === 200) {
      const api = typeof ctx.body['scope'] === 'string' ? words(ctx.body['scope']) : [];
      const scope = [...new Set([...grantedOidcScopes(ctx), ...api])].join(' ');
      const { scope: _, ...rest } = ctx.body;
      ctx.body = scope ? { ...rest, scope } : rest;
    } else if (ctx.body['error'] === 'invalid_grant' && client && speaksAuth0(client, options.auth0Dialect)) {
      ctx.body = {
        error: 'invalid_grant',
        error_description: AUTH0_INVALID_GRANT[String(params?.['grant_type'])] ?? 'Invalid grant',
      };
      ctx.status = 403;
    }
  };
}

export function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body) && !('pipe' in body);
}
