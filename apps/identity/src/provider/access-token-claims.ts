import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { changeClaim } from './change-position.ts';
import { isFirstParty, speaksAuth0 } from '../clients/client-traits.ts';

/** What we add to RFC 9068: who may what, and by which session and grant the token can be denied. */
export function accessTokenClaims(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  auth0Dialect: boolean,
): Record<string, unknown> | undefined {
  if (!token.resourceServer) return undefined;
  if (token.kind === 'ClientCredentials') return { permissions: words(token.scope), ...changeClaim(ctx) };
  const { AuthorizationCode: code, RefreshToken: refreshToken, Client: client } = ctx.oidc.entities;
  const source = code ?? refreshToken;
  if (!source || !client) return undefined;
  const held = [...token.resourceServer.scopes].filter(Boolean);
  const asked = words(source.scope).filter((scope) => !OIDC_SCOPES.has(scope));
  // Auth0: `scope` is what was asked for, `permissions` all that is held.
  const all = isFirstParty(client) && (asked.length === 0 || speaksAuth0(client, auth0Dialect));
  return {
    permissions: all ? held : words(token.scope),
    ...changeClaim(ctx),
    sid: source.sid,
    gid: source.grantId,
    auth_time: source.authTime,
    acr: source.acr,
    amr: source.amr,
  };
}

export const OIDC_SCOPES: ReadonlySet<string> = new Set(['openid', 'offline_access', 'profile', 'email']);

export const words = (list: string | undefined): string[] => list?.split(' ').filter(Boolean) ?? [];
