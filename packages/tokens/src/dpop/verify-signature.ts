import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import type { Algorithm } from '../algorithm.ts';
import { derSignature } from './der-signature.ts';

/**
 * Checks a signature on the thread pool.
 *
 * @param key one that fits the algorithm
 * @returns false, too, for a signature that is none of this algorithm
 */
export function verifySignature(
  algorithm: Algorithm,
  key: KeyObject,
  input: string | Buffer,
  signature: Buffer,
): Promise<boolean> | boolean {
  const bytes = algorithm.startsWith('ES') ? derSignature(algorithm, signature) : signature;
  if (bytes === undefined) return false;
  const data = typeof input === 'string' ? Buffer.from(input) : input;
  return new Promise((resolve) => {
    verify(digestOf(algorithm), data, keyFor(algorithm, key), bytes, (error, good) => {
      resolve(error === null && good);
    });
  });
}

/** Ed25519 hashes by itself (RFC 8032 5.1). */
function digestOf(algorithm: Algorithm): string | null {
  return algorithm.startsWith('Ed') ? null : `sha${algorithm.slice(2)}`;
}

// A bare key where that will do: an options object costs the main thread more than the rest of the call.
function keyFor(algorithm: Algorithm, key: KeyObject): KeyObject | VerifyKeyObjectInput {
  if (!algorithm.startsWith('PS')) return key;
  // RFC 7518 3.5: the salt is as long as the hash.
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}
