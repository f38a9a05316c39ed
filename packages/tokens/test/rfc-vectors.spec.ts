import { createPublicKey, type KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import type { Algorithm } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { verifySignature } from '../src/signature.ts';
import { UNSECURED, vectors } from './vectors/rfc.ts';

/** What the vectors are measured with: an implementation that is not ours. */
async function oracle(algorithm: string, jwk: object, input: string, signature: string): Promise<boolean> {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return compactVerify(`${input}.${signature}`, key, { algorithms: [algorithm] }).then(
    () => true,
    () => false,
  );
}

async function good(
  algorithm: Algorithm,
  key: KeyObject,
  input: string,
  signature: Buffer,
): Promise<boolean> {
  return verifySignature(algorithm, key, { input: Buffer.from(input), signature }, (verdict) => verdict);
}

describe.each(vectors)('$name ($algorithm)', ({ algorithm, jwk, input, signature }) => {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const bytes = Buffer.from(signature, 'base64url');

  it('is copied without a slip: jose verifies it', async () => {
    expect(await oracle(algorithm, jwk, input, signature)).toBe(true);
  });

  it('verifies, and not with any bit of it changed', async () => {
    expect(await good(algorithm, key, input, bytes)).toBe(true);
    for (let index = 0; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
      expect(await good(algorithm, key, input, changed)).toBe(false);
    }
    for (const other of [`${input} `, input.slice(0, -1), `.${input}`, '']) {
      expect(await good(algorithm, key, other, bytes)).toBe(false);
    }
  });

  it('verifies as nothing else of its key type', async () => {
    const others = { RSA: ['RS256', 'RS384', 'PS256', 'PS384', 'PS512'], EC: [], OKP: [] } as const;
    const tried = others[key.asymmetricKeyType === 'rsa' ? 'RSA' : 'EC'];
    for (const other of tried.filter((name) => name !== algorithm)) {
      expect(await good(other, key, input, bytes)).toBe(false);
    }
    expect(await good(algorithm, key, input, bytes)).toBe(true);
  });
});

describe('RFC 7515 A.5', () => {
  it('is refused by jose, and has no bytes that could verify', async () => {
    for (const { algorithm, jwk } of vectors) {
      const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
      expect(await oracle(algorithm, jwk, UNSECURED.slice(0, -1), '')).toBe(false);
      expect(await good(algorithm, key, UNSECURED.slice(0, -1), Buffer.alloc(0))).toBe(false);
    }
  });
});
