import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import { isFirstParty } from '../clients/client-traits.ts';
import { changeClaim } from './change-position.ts';
import { carriesPermissions, type TokenDialect } from './token-dialect.ts';

/** What we add to RFC 9068: who may what, and by which session and grant the token can be denied. */
export function accessTokenClaims(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  dialect: TokenDialect,
): Record<string, unknown> | undefined {
  if (!token.resourceServer) return undefined;
  const withPermissions = (permissions: string[]) =>
    carriesPermissions(dialect.api) ? { permissions, ...changeClaim(ctx) } : undefined;
  if (token.kind === 'ClientCredentials') return withPermissions(words(token.scope));
  const source = grantSource(ctx);
  const { Client: client } = ctx.oidc.entities;
  if (!source || !client) return undefined;
  const held = [...token.resourceServer.scopes].filter(Boolean);
  const asked = words(source.scope).filter((scope) => !OIDC_SCOPES.has(scope));
  // Auth0: `scope` is what was asked for, `permissions` all that is held.
  const all = isFirstParty(client) && (asked.length === 0 || dialect.auth0);
  return {
    ...withPermissions(all ? held : words(token.scope)),
    sid: source.sid,
    gid: source.grantId,
    auth_time: source.authTime,
    acr: source.acr,
    amr: source.amr,
  };
}

/** What a token request is redeemed from: a code, a device's, or a refresh token. */
export function grantSource({ oidc: { entities } }: KoaContextWithOIDC) {
  return entities.AuthorizationCode ?? entities.DeviceCode ?? entities.RefreshToken;
}

export const OIDC_SCOPES: ReadonlySet<string> = new Set(['openid', 'offline_access', 'profile', 'email']);

export const words = (list: string | undefined): string[] => list?.split(' ').filter(Boolean) ?? [];
