import { hkdfSync } from 'node:crypto';

/** Each use of the one secret has a key of its own, so that none can stand in for another (RFC 5869, 3.2). */
export type KeyPurpose =
  | 'signing-key-encryption'
  | 'cookie-signature'
  | 'form-token'
  | 'dpop-nonce'
  | 'login-attempts'
  | 'known-browser'
  | 'audit-checkpoint';

export function deriveKey(secret: string, purpose: KeyPurpose): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'portcullis.identity', purpose, 32));
}
