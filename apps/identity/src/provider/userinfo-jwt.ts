import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { callingOrigins } from '../clients/client-traits.ts';
import { profile } from './account.ts';
import type { JwtAccessTokens } from './jwt-access-tokens.ts';

const JWT_BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** `/userinfo` for JWT access tokens that name it; opaque ones are oidc-provider's, which never stored these. */
export function userinfoForJwt(provider: Provider, tokens: JwtAccessTokens) {
  const userinfo = `${provider.issuer}userinfo`;
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    const presented = JWT_BEARER.exec(ctx.get('Authorization'))?.[1];
    // With a second carrier, oidc-provider is left to refuse both (RFC 6750, 2).
    const alone = ctx.query['access_token'] === undefined;
    if (ctx.path !== '/userinfo' || !['GET', 'POST'].includes(ctx.method) || !presented || !alone) {
      await next();
      return;
    }
    ctx.set('Cache-Control', 'no-store');
    ctx.vary('Origin');
    const token = await tokens.read(presented);
    // RFC 9449, 7.2: a bound token is not good as a bearer.
    const allowed =
      token?.claims['cnf'] === undefined &&
      token?.audiences.includes(userinfo) &&
      token.scopes.includes('openid');
    const standing = token && allowed ? await tokens.standing(token) : undefined;
    if (!token || !standing?.user) {
      ctx.status = 401;
      ctx.set('WWW-Authenticate', 'Bearer realm="userinfo", error="invalid_token"');
      ctx.body = { error: 'invalid_token', error_description: 'invalid token provided' };
      return;
    }
    const origin = ctx.get('Origin');
    if (callingOrigins(standing.client).includes(origin)) ctx.set('Access-Control-Allow-Origin', origin);
    ctx.body = claimsFor(profile(standing.user), token.scopes);
  };
}

function claimsFor(
  { sub, email, email_verified, ...rest }: ReturnType<typeof profile>,
  scopes: readonly string[],
) {
  return {
    sub,
    ...(scopes.includes('profile') ? rest : undefined),
    ...(scopes.includes('email') ? { email, email_verified } : undefined),
  };
}
