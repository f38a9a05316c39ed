/**
 * What a revocation is by: the `jti`, `sid` or grant of tokens, everything of a subject or client so far, or whatever one
 * key of the issuer has signed.
 */
export const REVOKED_BY = ['token', 'session', 'grant', 'subject', 'client', 'key'] as const;

export type RevokedBy = (typeof REVOKED_BY)[number];

/** A fact that denies tokens. Only the tokens of its own issuer. */
export interface Revocation {
  readonly issuer: string;
  readonly by: RevokedBy;
  /** The `jti`, `sid`, grant id, `sub`, client id or the key's `kid`, compared exactly. */
  readonly value: string;
  /**
   * Seconds since the epoch. Denies tokens whose `iat` is at or before it, plus the issuer's clock tolerance, and
   * tokens without `iat`. Undefined: denies whenever they were issued.
   */
  readonly issuedUntil?: number;
  /** Seconds since the epoch, by when every token it covers has expired. Kept until then plus the tolerance. */
  readonly expiresAt: number;
}
