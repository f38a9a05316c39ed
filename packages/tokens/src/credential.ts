/** What a request presented, taken off its carrier but not yet believed. */
export interface Credential {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
  /** The DPoP proof beside the token (RFC 9449 4.1). Several, joined by commas, are refused. */
  readonly proof?: string;
  /** The request's method, which a DPoP proof must name. */
  readonly method?: string;
  /** The request's target as it came, `/items?sort=name`; a DPoP proof must name it below the API's own address. */
  readonly url?: string;
  /** The client's certificate in DER, from the TLS connection itself, for tokens bound to one (RFC 8705 3). */
  readonly certificate?: Uint8Array;
  /** Where the request came from, to bound how many introspections one address may cause. */
  readonly address?: string;
}
