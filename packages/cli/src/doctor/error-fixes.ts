import type { ErrorCode } from '@portcullis/tokens';

/** What to do about each code that a verification can end with. */
export const errorFixes: Readonly<Record<ErrorCode, string>> = {
  ERR_TOKEN_MALFORMED: 'Take the token once more, whole and as the token endpoint answered it.',
  ERR_HEADER_REFUSED:
    'Let the provider sign access tokens for this API with an asymmetric algorithm, such as RS256 or ES256, and set PROVIDER to whoever issues them.',
  ERR_TOKEN_UNTRUSTED:
    'Set ISSUER_URL to what the token\'s "iss" says, character by character. If it does, the key that signed is not published any more: take a fresh token.',
  ERR_SIGNATURE_INVALID:
    'Take a fresh token: this one was changed, or signed by a key that only shares its name with a published one.',
  ERR_TOKEN_KIND_REFUSED:
    'Let the client send the "access_token" of the token endpoint\'s answer, not the "id_token" or the "refresh_token".',
  ERR_AUDIENCE_MISMATCH:
    'Let the client ask for this API, or set AUDIENCE to the identifier that the provider knows this API by.',
  ERR_TOKEN_EXPIRED: 'Take a fresh token. If this one is fresh, set the clock of this machine by NTP.',
  ERR_TOKEN_NOT_YET_VALID: 'Set the clocks of this machine and of the issuer by NTP.',
  ERR_CLAIM_INVALID:
    'Set PROVIDER to whoever issued the token, and let the provider write that claim into access tokens.',
  ERR_TOKEN_INACTIVE: 'Take a fresh token: its issuer says that this one is expired, revoked or unknown.',
  ERR_TOKEN_REVOKED: 'Take a fresh token: this one was revoked.',
  ERR_BINDING_REFUSED: 'Send the token with the proof that it is bound to.',
  ERR_DPOP_PROOF_INVALID: 'Send the token with a fresh DPoP proof.',
  ERR_DPOP_NONCE_REQUIRED: 'Put the nonce of the DPoP-Nonce header into the next proof.',
  ERR_ISSUER_UNAVAILABLE: 'See to the issuer first: without its keys or its answer nothing can be verified.',
  ERR_REVOCATION_UNKNOWN: 'See to the source of revocations first.',
  ERR_REPLAY_UNKNOWN: 'See to the store of used proofs first.',
  ERR_INTROSPECTION_LIMITED: 'Wait a minute, and ask again.',
};
