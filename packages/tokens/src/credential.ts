/** What a request presented, taken off its carrier but not yet believed. */
export interface Credential {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
  /** The DPoP proof beside the token (RFC 9449 4.1). */
  readonly proof?: string;
  /** The request's method, which a DPoP proof must name. */
  readonly method?: string;
  /** The request's own URL, which a DPoP proof must name. */
  readonly url?: string;
  /** The client's certificate in DER, for tokens bound to one (RFC 8705 3). */
  readonly certificate?: Uint8Array;
}
