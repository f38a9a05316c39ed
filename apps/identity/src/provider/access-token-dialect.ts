import type { AccessToken, ClientCredentials, JWTStructured, KoaContextWithOIDC } from 'oidc-provider';
import { grantSource, OIDC_SCOPES, words } from './access-token-claims.ts';
import type { TokenDialect } from './token-dialect.ts';

/** The last word on a JWT access token: a machine's subject, and Auth0's older shape for those who need it. */
export function writeDialect(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  jwt: JWTStructured,
  { issuer, dialect }: { readonly issuer: string; readonly dialect: TokenDialect },
): void {
  const { payload } = jwt;
  const machine = token.kind === 'ClientCredentials';
  // RFC 9700, 4.15: a client must not be taken for a user of the same name.
  if (machine) payload['sub'] = `${String(token.clientId)}@clients`;
  if (!dialect.auth0) return;
  jwt.header = { ...jwt.header, typ: 'JWT' };
  payload['azp'] = payload['client_id'];
  delete payload['client_id'];
  if (machine) {
    payload['gty'] = 'client-credentials';
    return;
  }
  const oidcScopes = grantedOidcScopes(ctx);
  const scope = [...oidcScopes, ...words(token.scope)].join(' ');
  if (scope) payload['scope'] = scope;
  if (oidcScopes.includes('openid')) payload['aud'] = [payload['aud'], `${issuer}userinfo`];
}

/** The OpenID scopes of the grant that this token request draws on. */
export function grantedOidcScopes(ctx: KoaContextWithOIDC): string[] {
  const source = grantSource(ctx);
  const asked = words(
    typeof ctx.oidc.params?.['scope'] === 'string' ? ctx.oidc.params['scope'] : source?.scope,
  );
  return words(source?.scope).filter((scope) => OIDC_SCOPES.has(scope) && asked.includes(scope));
}
