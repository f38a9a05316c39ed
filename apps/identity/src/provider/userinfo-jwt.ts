import { errors as joseErrors, jwtVerify, type JWTPayload } from 'jose';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { redirectOrigins } from '../clients/client-traits.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { UserStore } from '../people/user-store.ts';
import { words } from './access-token-claims.ts';
import { profile } from './account.ts';

const JWT_BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** `/userinfo` for our JWT access tokens; opaque ones are oidc-provider's, which never stored these. */
export function userinfoForJwt(provider: Provider, keys: KeyRing, users: UserStore) {
  const userinfo = `${provider.issuer}userinfo`;

  const verify = async (token: string): Promise<JWTPayload | undefined> => {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, keys.find, {
        issuer: provider.issuer,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'aud', 'exp', 'jti', 'gid', 'scope'],
      });
      // RFC 9449, 7.2: a bound token is not good as a bearer, and its proof is not checked here.
      if (payload['cnf'] !== undefined) return undefined;
      const audiences = [payload.aud].flat();
      // An ID token is a JWT of ours as well; neither rule lets one through.
      const allowed =
        protectedHeader.typ === 'at+jwt' || (protectedHeader.typ === 'JWT' && audiences.includes(userinfo));
      return allowed && scopesOf(payload).includes('openid') ? payload : undefined;
    } catch (error) {
      if (error instanceof joseErrors.JOSEError) return undefined;
      throw error;
    }
  };

  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    const token = JWT_BEARER.exec(ctx.get('Authorization'))?.[1];
    // With a second carrier, oidc-provider is left to refuse both (RFC 6750, 2).
    const alone = ctx.query['access_token'] === undefined;
    if (ctx.path !== '/userinfo' || !['GET', 'POST'].includes(ctx.method) || !token || !alone) {
      await next();
      return;
    }
    ctx.set('Cache-Control', 'no-store');
    ctx.vary('Origin');
    const payload = await verify(token);
    const grant = payload && (await provider.Grant.find(String(payload['gid'])));
    const user = payload?.sub === undefined ? undefined : await users.find(payload.sub);
    const clientId = payload?.['azp'] ?? payload?.['client_id'];
    const client = typeof clientId === 'string' ? await provider.Client.find(clientId) : undefined;
    if (!payload || !grant || !user || user.blocked || !client) {
      ctx.status = 401;
      ctx.set('WWW-Authenticate', 'Bearer realm="userinfo", error="invalid_token"');
      ctx.body = { error: 'invalid_token', error_description: 'invalid token provided' };
      return;
    }
    const origin = ctx.get('Origin');
    if (redirectOrigins(client).includes(origin)) ctx.set('Access-Control-Allow-Origin', origin);
    ctx.body = claimsFor(profile(user), scopesOf(payload));
  };
}

const scopesOf = (payload: JWTPayload): string[] =>
  typeof payload['scope'] === 'string' ? words(payload['scope']) : [];

function claimsFor({ sub, email, email_verified, ...rest }: ReturnType<typeof profile>, scopes: string[]) {
  return {
    sub,
    ...(scopes.includes('profile') ? rest : undefined),
    ...(scopes.includes('email') ? { email, email_verified } : undefined),
  };
}
