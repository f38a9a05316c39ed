import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** Only who holds the used token can read what was given for it: the database cannot, nor can we without it. */
export function sealSuccessor(successor: string, used: string): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(ALGORITHM, keyOf(used), nonce);
  const sealed = [nonce, cipher.update(successor, 'utf8'), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(sealed).toString('base64url');
}

/** @throws when it was sealed under another token, or altered */
export function unsealSuccessor(sealed: string, used: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(ALGORITHM, keyOf(used), bytes.subarray(0, NONCE));
  decipher.setAuthTag(bytes.subarray(-TAG));
  return decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8');
}

/** A refresh token is 258 random bits: RFC 5869, 3.3 needs no stretching of that. */
function keyOf(used: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', used, 'portcullis.identity', 'refresh-successor', 32));
}
