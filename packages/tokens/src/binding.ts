/** The key or certificate that a token is tied to (RFC 7800 3.1). With both members, both are enforced. */
export interface Binding {
  /** SHA-256 thumbprint of the DPoP key (RFC 9449 6.1). */
  readonly jkt?: string;
  /** SHA-256 thumbprint of the client's certificate (RFC 8705 3.1). */
  readonly x5tS256?: string;
}
