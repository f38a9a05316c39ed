import type { IssuerOptions } from '@portcullis/tokens';
import { refuseAny } from '@portcullis/service';

/**
 * Client ids whose ID tokens log in, without permissions.
 *
 * @throws StartRefused naming FIRST_PARTY_ID_TOKENS where it would let in more than it says, or nothing at all
 */
export function idTokenClients(
  clients: readonly string[],
  audience: string,
  issuers: readonly IssuerOptions[],
): readonly string[] {
  const wrong = [
    // ID and access tokens could not be told apart.
    clients.includes(audience) && 'names the AUDIENCE: name the client that logs in',
    // A client id is one client's at one issuer only.
    clients.length > 0 &&
      issuers.length > 1 &&
      'goes with one ISSUER_URL, for another issuer may give the same client id to somebody else',
    clients.length > 0 &&
      issuers.some(({ tokenFormat }) => tokenFormat === 'opaque') &&
      'has no use with TOKEN_FORMAT=opaque, for ID tokens are not introspected',
  ];
  refuseAny(
    wrong.flatMap((sentence) =>
      sentence === false
        ? []
        : [{ variable: 'FIRST_PARTY_ID_TOKENS', wrong: sentence, example: 'wab-website' }],
    ),
  );
  return clients;
}
