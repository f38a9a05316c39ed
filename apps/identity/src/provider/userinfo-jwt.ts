import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { callingOrigins } from '../clients/client-traits.ts';
import { profile } from './account.ts';
import type { JwtAccessToken, JwtAccessTokens } from './jwt-access-tokens.ts';
import type { ProofOfPossession } from './proof-of-possession.ts';

const JWT_CREDENTIAL = /^(Bearer|DPoP) ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** `/userinfo` for JWT access tokens that name it; opaque ones are oidc-provider's, which never stored these. */
export function userinfoForJwt(provider: Provider, tokens: JwtAccessTokens, proofs: ProofOfPossession) {
  const userinfo = `${provider.issuer}userinfo`;
  const allowed = ({ audiences, scopes }: JwtAccessToken): boolean =>
    audiences.includes(userinfo) && scopes.includes('openid');

  /** RFC 9449, 7.1 and 7.2: a bound token goes with a proof, and no other token does. */
  const objection = async (ctx: KoaContextWithOIDC, scheme: string, token: string, bound: boolean) => {
    const proven = scheme.toLowerCase() === 'dpop';
    if (proven !== bound) return 'invalid_token';
    return bound ? proofs.objection(ctx, token) : undefined;
  };

  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    const [, scheme = '', presented] = JWT_CREDENTIAL.exec(ctx.get('Authorization')) ?? [];
    // With a second carrier, oidc-provider is left to refuse both (RFC 6750, 2).
    const alone = ctx.query['access_token'] === undefined;
    if (ctx.path !== '/userinfo' || !['GET', 'POST'].includes(ctx.method) || !presented || !alone) {
      await next();
      return;
    }
    ctx.set('Cache-Control', 'no-store');
    ctx.vary('Origin');
    const token = await tokens.read(presented);
    const standing = token && allowed(token) ? await tokens.standing(token) : undefined;
    const error =
      token && standing?.user
        ? await objection(ctx, scheme, presented, token.claims['cnf'] !== undefined)
        : 'invalid_token';
    if (!token || !standing?.user || error !== undefined) {
      ctx.status = 401;
      ctx.set('WWW-Authenticate', `${scheme} realm="userinfo", error="${error}"`);
      ctx.body = { error, error_description: 'invalid token or proof provided' };
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
