import { clientOf, type Claims } from '../claims.ts';
import { TokenKindRefused } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** Claims which only an ID token has (OpenID Connect Core 2, 3.3.2.11; FAPI 1.0 part 2, 5.1.1). */
const idTokenClaims = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** RFC 8725 3.12. Stands before `aud`, whose refusal would hide the reason that helps. */
export const tokenKind: ClaimRule = (claims) => {
  const typ = lowerCase(claims['typ']); // Keycloak's
  const use = lowerCase(claims['token_use']); // Cognito's

  // OpenID Connect Back-Channel Logout 2.4
  if (Object.hasOwn(claims, 'events') || typ === 'logout') throw new TokenKindRefused('logout token');
  if (typ === 'refresh' || typ === 'offline' || use === 'refresh')
    throw new TokenKindRefused('refresh token');
  if (typ === 'id' || use === 'id') throw new TokenKindRefused('ID token');
  if (idTokenClaims.some((claim) => Object.hasOwn(claims, claim))) throw new TokenKindRefused('ID token');
  if (isForItsClientAlone(claims)) throw new TokenKindRefused('ID token');
};

/** An ID token's audience is the client that asked for it; an access token's is an API. */
function isForItsClientAlone(claims: Claims): boolean {
  const client = clientOf(claims);
  const audience: unknown[] = [claims['aud']].flat();
  return client !== undefined && audience.length > 0 && audience.every((member) => member === client);
}

function lowerCase(claim: unknown): string | undefined {
  return typeof claim === 'string' ? claim.toLowerCase() : undefined;
}
