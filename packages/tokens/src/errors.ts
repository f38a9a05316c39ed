import {
  errorCatalogue,
  type CredentialErrorCode,
  type ErrorCode,
  type WireError,
} from './error-catalogue.ts';

/**
 * A verification that did not end in an Authentication. Three readers: `code` is for programs, `message` for
 * people and fit to be sent, `hint` and `cause` for the log of whoever runs the API. None carries a token or a
 * claim's value that was sent.
 */
export abstract class VerificationError extends Error {
  abstract readonly code: ErrorCode;
  /** What whoever runs the API may try next. Names options and never goes to a client. */
  readonly hint: string | undefined;

  constructor(message: string, { hint, ...options }: ErrorDetail = {}) {
    super(message, options);
    this.name = new.target.name;
    this.hint = hint;
  }
}

export interface ErrorDetail extends ErrorOptions {
  readonly hint?: string;
}

/** The credential is wrong: a 401-class answer. */
export abstract class CredentialError extends VerificationError {
  abstract override readonly code: CredentialErrorCode;

  /** For the wire: the challenge's `error`. */
  get error(): WireError {
    return errorCatalogue[this.code].error;
  }
}

/** Nothing can be said about the credential now: a 503-class answer, or 429, and never the caller's fault alone. */
export abstract class VerificationUnavailable extends VerificationError {
  abstract override readonly code: Exclude<ErrorCode, CredentialErrorCode>;

  constructor(
    message: string,
    /** Seconds after which asking again may help; at least 1. */
    readonly retryAfter: number,
    detail?: ErrorDetail,
  ) {
    super(message, detail);
  }
}

/** Not a compact JWS with a JSON object on either side of its first dot. */
export class TokenMalformed extends CredentialError {
  readonly code = 'ERR_TOKEN_MALFORMED';

  constructor(why: string, detail?: ErrorDetail) {
    super(`the access token is malformed: ${why}`, detail);
  }
}

/** A header parameter that an access token may not carry, or not with this value. */
export class HeaderRefused extends CredentialError {
  readonly code = 'ERR_HEADER_REFUSED';

  constructor(
    readonly parameter: string,
    why: string,
    detail?: ErrorDetail,
  ) {
    super(`the token's "${parameter}" header ${why}`, detail);
  }
}

/** The issuer is not a configured one, or has published no key that fits the token. */
export class TokenUntrusted extends CredentialError {
  readonly code = 'ERR_TOKEN_UNTRUSTED';
}

export class SignatureInvalid extends CredentialError {
  readonly code = 'ERR_SIGNATURE_INVALID';

  constructor(detail?: ErrorDetail) {
    super("the access token's signature does not verify", detail);
  }
}

/** The kinds of token that are told apart from an access token, in words. */
export type ForeignKind =
  | 'ID token'
  | 'refresh token'
  | 'logout token'
  | 'DPoP proof'
  | 'security event token'
  | 'introspection response'
  | 'authorization request'
  | 'client assertion'
  | 'userinfo response'
  | 'software statement'
  | 'verifiable credential';

/** Sent another kind of token (RFC 9068 4, RFC 8725 3.12). */
export class TokenKindRefused extends CredentialError {
  readonly code = 'ERR_TOKEN_KIND_REFUSED';

  constructor(
    readonly sent: ForeignKind,
    detail?: ErrorDetail,
  ) {
    super(
      `this is ${/^[AI]/i.test(sent) ? 'an' : 'a'} ${sent}; send an access token for this API instead`,
      detail,
    );
  }
}

export class AudienceMismatch extends CredentialError {
  readonly code = 'ERR_AUDIENCE_MISMATCH';

  constructor(detail?: ErrorDetail) {
    super('the access token was not issued for this API: its "aud" claim does not name it', detail);
  }
}

export class TokenExpired extends CredentialError {
  readonly code = 'ERR_TOKEN_EXPIRED';

  constructor() {
    super('the access token is past its "exp" claim');
  }
}

export class TokenNotYetValid extends CredentialError {
  readonly code = 'ERR_TOKEN_NOT_YET_VALID';

  constructor(readonly claim: 'nbf' | 'iat') {
    super(`the access token's "${claim}" claim lies in the future`);
  }
}

/** A claim is absent that must be there, or has the wrong shape. */
export class ClaimInvalid extends CredentialError {
  readonly code = 'ERR_CLAIM_INVALID';

  constructor(
    readonly claim: string,
    must: string,
    detail?: ErrorDetail,
  ) {
    super(`the access token's "${claim}" claim must be ${must}`, detail);
  }
}

/** The issuer's introspection endpoint answered that the token is not active (RFC 7662 2.2). */
export class TokenInactive extends CredentialError {
  readonly code = 'ERR_TOKEN_INACTIVE';

  constructor() {
    super('the access token is not active: it is expired, revoked or unknown to its issuer');
  }
}

/** The deny-list covers the token. */
export class TokenRevoked extends CredentialError {
  readonly code = 'ERR_TOKEN_REVOKED';

  constructor() {
    super('the access token was revoked');
  }
}

/** The token is tied to a key and came without proof of it, or the reverse (RFC 9449 7.1, 7.2; RFC 8705 3). */
export class BindingRefused extends CredentialError {
  readonly code = 'ERR_BINDING_REFUSED';
}

/** The DPoP proof is absent, wrong or was used before (RFC 9449 4.3). */
export class DpopProofInvalid extends CredentialError {
  readonly code = 'ERR_DPOP_PROOF_INVALID';

  constructor(why: string, detail?: ErrorDetail) {
    super(`the DPoP proof ${why}`, detail);
  }
}

/** The DPoP proof must carry a nonce of ours, and carries none or an old one (RFC 9449 9). */
export class DpopNonceRequired extends CredentialError {
  readonly code = 'ERR_DPOP_NONCE_REQUIRED';

  /** @param nonce to be sent as `DPoP-Nonce` and to be put into the next proof */
  constructor(readonly nonce: string) {
    super('the DPoP proof must carry the "nonce" of the DPoP-Nonce header');
  }
}

/** The issuer's keys or its introspection answer cannot be had, or it cannot be told whether it is trusted. */
export class IssuerUnavailable extends VerificationUnavailable {
  readonly code = 'ERR_ISSUER_UNAVAILABLE';
}

/** The deny-list has had no news for longer than its bound, so a revoked token could not be told. */
export class RevocationUnknown extends VerificationUnavailable {
  readonly code = 'ERR_REVOCATION_UNKNOWN';
}

/** The store of used DPoP proofs is full or does not answer, so a replay could not be told. */
export class ReplayUnknown extends VerificationUnavailable {
  readonly code = 'ERR_REPLAY_UNKNOWN';
}

/** One address has caused too many introspections of late: a 429-class answer. */
export class IntrospectionLimited extends VerificationUnavailable {
  readonly code = 'ERR_INTROSPECTION_LIMITED';
}
