/** The credential is wrong: a 401-class answer. The message names claims, never their values. */
export abstract class CredentialError extends Error {
  /** For programs; never changes, never reused. */
  abstract readonly code: `ERR_${string}`;
  /** For the wire (RFC 6750 3.1, RFC 9449 7.1). */
  abstract readonly error: 'invalid_token' | 'invalid_request' | 'invalid_dpop_proof';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Not a compact JWS with a JSON object on either side of its first dot. */
export class TokenMalformed extends CredentialError {
  readonly code = 'ERR_TOKEN_MALFORMED';
  readonly error = 'invalid_token';

  constructor(why: string, options?: ErrorOptions) {
    super(`the access token is malformed: ${why}`, options);
  }
}

/** A header parameter that an access token may not carry, or not with this value. */
export class HeaderRefused extends CredentialError {
  readonly code = 'ERR_HEADER_REFUSED';
  readonly error = 'invalid_token';

  constructor(
    readonly parameter: string,
    why: string,
  ) {
    super(`the token's "${parameter}" header ${why}`);
  }
}

/** The issuer is not a configured one, or has published no key that fits the token. */
export class TokenUntrusted extends CredentialError {
  readonly code = 'ERR_TOKEN_UNTRUSTED';
  readonly error = 'invalid_token';
}

export class SignatureInvalid extends CredentialError {
  readonly code = 'ERR_SIGNATURE_INVALID';
  readonly error = 'invalid_token';

  constructor(options?: ErrorOptions) {
    super("the access token's signature does not verify", options);
  }
}

/** Sent another kind of token of the same issuer (RFC 9068 4, RFC 8725 3.12). */
export class TokenKindRefused extends CredentialError {
  readonly code = 'ERR_TOKEN_KIND_REFUSED';
  readonly error = 'invalid_token';

  constructor(readonly sent: 'ID token' | 'refresh token' | 'logout token') {
    super(`this is ${sent === 'ID token' ? 'an' : 'a'} ${sent}; send an access token for this API instead`);
  }
}

export class AudienceMismatch extends CredentialError {
  readonly code = 'ERR_AUDIENCE_MISMATCH';
  readonly error = 'invalid_token';

  constructor() {
    super('the access token\'s "aud" claim does not name this API');
  }
}

export class TokenExpired extends CredentialError {
  readonly code = 'ERR_TOKEN_EXPIRED';
  readonly error = 'invalid_token';

  constructor() {
    super('the access token is past its "exp" claim');
  }
}

export class TokenNotYetValid extends CredentialError {
  readonly code = 'ERR_TOKEN_NOT_YET_VALID';
  readonly error = 'invalid_token';

  constructor(readonly claim: 'nbf' | 'iat') {
    super(`the access token's "${claim}" claim lies in the future`);
  }
}

/** A claim is absent that must be there, or has the wrong shape. */
export class ClaimInvalid extends CredentialError {
  readonly code = 'ERR_CLAIM_INVALID';
  readonly error = 'invalid_token';

  constructor(
    readonly claim: string,
    must: string,
  ) {
    super(`the access token's "${claim}" claim must be ${must}`);
  }
}

/** The token is tied to a key and came without proof of it, or the reverse (RFC 9449 7.1, 7.2). */
export class BindingRefused extends CredentialError {
  readonly code = 'ERR_BINDING_REFUSED';
  readonly error = 'invalid_token';
}

/**
 * The issuer's keys cannot be had, so nothing can be said about the token: a 503-class answer and
 * never the caller's fault.
 */
export class IssuerUnavailable extends Error {
  readonly code = 'ERR_ISSUER_UNAVAILABLE';
  override readonly name = 'IssuerUnavailable';

  constructor(
    message: string,
    /** Seconds after which asking again may help; at least 1. */
    readonly retryAfter: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
