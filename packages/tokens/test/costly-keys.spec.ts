import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { KeyCache } from '../src/dpop/key-cache.ts';
import { thumbprintOf, type ProofKey } from '../src/dpop/proof-key.ts';
import { verificationKey } from '../src/keys/verification-key.ts';

function rsaKey(bits: number, exponent: Buffer): ProofKey {
  const modulus = randomBytes(bits / 8);
  modulus[0] = 0xc1;
  modulus[modulus.length - 1] = 0xc1;
  return { kty: 'RSA', n: modulus.toString('base64url'), e: exponent.toString('base64url') };
}

const usual = Buffer.from([1, 0, 1]);
const large = (bytes: number): Buffer => Buffer.alloc(bytes, 0x41);

describe('an RSA key whose checks would hold up everybody', () => {
  it.each([
    [2048, usual],
    [4096, usual],
    [8192, usual],
    [2048, Buffer.from([3])],
    [2048, large(4)],
  ])('is not one of %i bits with a usual exponent', (bits, exponent) => {
    const key = rsaKey(bits, exponent);
    expect(verificationKey(key)?.key.asymmetricKeyType).toBe('rsa');
    expect(new KeyCache().get(thumbprintOf(key), key)?.asymmetricKeyType).toBe('rsa');
  });

  it.each([
    ['a modulus of 8200 bits', 8200, usual],
    ['a modulus of 16384 bits', 16_384, usual],
    ['an exponent of 39 bits', 2048, large(5)],
    ['an exponent of 64 bits', 4096, large(8)],
    ['an exponent as long as the modulus', 3072, large(384)],
  ])('is none: %s', (_name, bits, exponent) => {
    const key = rsaKey(bits, exponent);
    expect(verificationKey(key)).toBeUndefined();
    expect(new KeyCache().get(thumbprintOf(key), key)).toBeUndefined();
  });
});
