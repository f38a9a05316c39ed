import { constants, sign, type SignKeyObjectInput } from 'node:crypto';
import type { TestKey } from './test-key.ts';

/**
 * Signs exactly these bytes as a compact JWS, however wrong they are: duplicate members, a foreign
 * `alg`, no JSON at all. The signature is always a true one of the key's own algorithm.
 */
export function signRaw(header: string | Uint8Array, payload: string | Uint8Array, key: TestKey): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${signature(Buffer.from(input), key).toString('base64url')}`;
}

function signature(input: Buffer, { algorithm, privateKey: key }: TestKey): Buffer {
  if (algorithm.startsWith('Ed')) return sign(null, input, key);
  const options: SignKeyObjectInput = { key, dsaEncoding: 'ieee-p1363' };
  if (algorithm.startsWith('PS')) {
    options.padding = constants.RSA_PKCS1_PSS_PADDING;
    options.saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  }
  return sign(`sha${algorithm.slice(2)}`, input, options);
}

function base64url(part: string | Uint8Array): string {
  return Buffer.from(part).toString('base64url');
}
