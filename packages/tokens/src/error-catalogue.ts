/** What the wire is told of a failure (RFC 6750 3.1, RFC 9449 7.1 and 9). */
export type WireError = 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce';

interface CredentialFailure {
  readonly status: 401;
  readonly error: WireError;
}

/** Nothing was found out about the credential: no `error`, no challenge (RFC 9110 15.6.4, RFC 6585 4). */
interface OtherFailure {
  readonly status: 503 | 429;
  readonly error?: never;
}

/** Every code this package can answer with. A code never changes its meaning and is never used again. */
export const errorCatalogue = {
  ERR_TOKEN_MALFORMED: { status: 401, error: 'invalid_token' },
  ERR_HEADER_REFUSED: { status: 401, error: 'invalid_token' },
  ERR_TOKEN_UNTRUSTED: { status: 401, error: 'invalid_token' },
  ERR_SIGNATURE_INVALID: { status: 401, error: 'invalid_token' },
  ERR_TOKEN_KIND_REFUSED: { status: 401, error: 'invalid_token' },
  ERR_AUDIENCE_MISMATCH: { status: 401, error: 'invalid_token' },
  ERR_TOKEN_EXPIRED: { status: 401, error: 'invalid_token' },
  ERR_TOKEN_NOT_YET_VALID: { status: 401, error: 'invalid_token' },
  ERR_CLAIM_INVALID: { status: 401, error: 'invalid_token' },
  ERR_TOKEN_INACTIVE: { status: 401, error: 'invalid_token' },
  ERR_TOKEN_REVOKED: { status: 401, error: 'invalid_token' },
  ERR_BINDING_REFUSED: { status: 401, error: 'invalid_token' },
  ERR_DPOP_PROOF_INVALID: { status: 401, error: 'invalid_dpop_proof' },
  ERR_DPOP_NONCE_REQUIRED: { status: 401, error: 'use_dpop_nonce' },
  ERR_ISSUER_UNAVAILABLE: { status: 503 },
  ERR_REVOCATION_UNKNOWN: { status: 503 },
  ERR_REPLAY_UNKNOWN: { status: 503 },
  ERR_INTROSPECTION_LIMITED: { status: 429 },
} as const satisfies Readonly<Record<`ERR_${string}`, CredentialFailure | OtherFailure>>;

export type ErrorCode = keyof typeof errorCatalogue;

/** The codes whose failure is the caller's: 401 with a challenge. */
export type CredentialErrorCode = {
  [Code in ErrorCode]: (typeof errorCatalogue)[Code] extends CredentialFailure ? Code : never;
}[ErrorCode];
