import { firstTextClaim, type Claims } from '../claims.ts';
import { TokenKindRefused, type ForeignKind } from '../errors.ts';
import type { Preset } from '../presets/preset.ts';
import type { ClaimRule } from './rule.ts';

/** What providers write into the payload: Keycloak's `typ`, Cognito's and Hydra's `token_use`. */
const kindsByName: ReadonlyMap<string, ForeignKind> = new Map([
  ['id', 'ID token'],
  ['id_token', 'ID token'],
  ['refresh', 'refresh token'],
  ['refresh_token', 'refresh token'],
  ['offline', 'refresh token'],
  ['logout', 'logout token'],
]);

/** RFC 8725 3.12. Stands before `aud`, whose refusal would hide the reason that helps. */
export const tokenKind: ClaimRule = (claims, { settings }) => {
  const kind = foreignKindOf(claims, settings.preset);
  if (kind !== undefined) throw new TokenKindRefused(kind);
};

/** Which other kind of token these claims are of; undefined for an access token's. */
export function foreignKindOf(claims: Claims, preset: Preset): ForeignKind | undefined {
  if (claims['events'] !== undefined) {
    // OpenID Connect Back-Channel Logout 2.4; any other event is RFC 8417's
    return JSON.stringify(claims['events']).includes('backchannel-logout')
      ? 'logout token'
      : 'security event token';
  }
  return kindByName(claims) ?? kindByClaims(claims, preset);
}

function kindByName(claims: Claims): ForeignKind | undefined {
  return named(claims['typ']) ?? named(claims['token_use']) ?? named(claims['token_type']);
}

function named(claim: unknown): ForeignKind | undefined {
  return typeof claim === 'string' ? kindsByName.get(claim.toLowerCase()) : undefined;
}

function kindByClaims(
  claims: Claims,
  { accessTokenSigns, resemblesIdToken }: Preset,
): ForeignKind | undefined {
  if (accessTokenSigns?.every((claim) => claims[claim] === undefined)) return 'ID token';
  if (resemblesIdToken !== true) {
    if (hasIdTokenClaim(claims)) return 'ID token';
    if (isForItsClientAlone(claims)) return 'ID token';
  }
  if (claims['sub'] !== undefined && claims['sub'] === claims['iss']) return 'client assertion'; // RFC 7523 3
  if (claims['token_introspection'] !== undefined) return 'introspection response'; // RFC 9701 5
  if (claims['software_id'] !== undefined && claims['redirect_uris'] !== undefined)
    return 'software statement';
  if (claims['response_type'] !== undefined && claims['redirect_uri'] !== undefined)
    return 'authorization request';
  return undefined;
}

/** Claims which only an ID token has (OpenID Connect Core 2, 3.3.2.11; FAPI 1.0 part 2, 5.1.1). */
function hasIdTokenClaim(claims: Claims): boolean {
  return (
    claims['nonce'] !== undefined ||
    claims['at_hash'] !== undefined ||
    claims['c_hash'] !== undefined ||
    claims['s_hash'] !== undefined
  );
}

/** An ID token's audience is the client that asked for it; an access token's is an API. */
function isForItsClientAlone(claims: Claims): boolean {
  const client = firstTextClaim(claims, ['client_id', 'azp']);
  const audience: unknown = claims['aud'];
  if (client === undefined) return false;
  if (!Array.isArray(audience)) return audience === client;
  return audience.length > 0 && audience.every((member) => member === client);
}
