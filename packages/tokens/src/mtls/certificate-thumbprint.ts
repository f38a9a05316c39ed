import { hash } from 'node:crypto';
import { sameText } from '../same-text.ts';

/**
 * Whether a token bound to a certificate came over a connection with that certificate (RFC 8705 3.1).
 *
 * @param certificate in DER; undefined when the client showed none
 * @param x5tS256 the token's `x5t#S256`: base64url without padding
 */
export function matchesCertificate(certificate: Uint8Array | undefined, x5tS256: string): boolean {
  if (certificate === undefined || certificate.length === 0) return false;
  return sameText(hash('sha256', certificate, 'base64url'), x5tS256);
}
