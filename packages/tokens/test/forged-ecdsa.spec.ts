import { sign } from 'node:crypto';
import { createTestKey, type TestKey } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { bigEndian, integer, publishing, unsigned, verdict } from './vectors/forgery.ts';

/** Orders of the curves' groups (FIPS 186-5, SP 800-186 3.2.1). */
const curves = [
  { algorithm: 'ES256', size: 32, n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n },
  {
    algorithm: 'ES384',
    size: 48,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  },
  {
    algorithm: 'ES512',
    size: 66,
    n: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  },
] as const;

function signature(input: string, key: TestKey, dsaEncoding: 'ieee-p1363' | 'der' = 'ieee-p1363'): Buffer {
  return sign(`sha${key.algorithm.slice(2)}`, Buffer.from(input), { key: key.privateKey, dsaEncoding });
}

describe.each(curves)('an $algorithm signature', ({ algorithm, size, n }) => {
  const most = (1n << BigInt(size * 8)) - 1n;
  const pair = (r: bigint, s: bigint): Buffer => Buffer.concat([bigEndian(r, size), bigEndian(s, size)]);

  const forgeries: Readonly<Record<string, (r: bigint, s: bigint) => Buffer>> = {
    'r = s = 0': () => pair(0n, 0n),
    'r = 0': (_, s) => pair(0n, s),
    's = 0': (r) => pair(r, 0n),
    'r = n': (_, s) => pair(n, s),
    's = n': (r) => pair(r, n),
    'r = s = n': () => pair(n, n),
    'r = s = 1': () => pair(1n, 1n),
    'r = n, s = 1': () => pair(n, 1n),
    'r = s = n - 1': () => pair(n - 1n, n - 1n),
    'the greatest r that fits': (_, s) => pair(most, s),
    'the greatest s that fits': (r) => pair(r, most),
    'r and s swapped': (r, s) => pair(s, r),
    'r taken off n': (r, s) => pair(n - r, s),
    'one byte less at the end': (r, s) => pair(r, s).subarray(0, -1),
    'one byte less at the start': (r, s) => pair(r, s).subarray(1),
    'r alone': (r) => bigEndian(r, size),
    'a zero at the end': (r, s) => Buffer.concat([pair(r, s), Buffer.alloc(1)]),
    'a zero at the start': (r, s) => Buffer.concat([Buffer.alloc(1), pair(r, s)]),
    'a zero before either number': (r, s) => Buffer.concat([bigEndian(r, size + 1), bigEndian(s, size + 1)]),
    'the pair twice': (r, s) => Buffer.concat([pair(r, s), pair(r, s)]),
  };

  it('is accepted as it was made, and so is its twin (r, n - s), which ECDSA cannot tell from it', async () => {
    const key = await createTestKey(algorithm);
    const { issuer, verifier } = await publishing(key);
    const token = await unsigned(issuer, key);
    const made = signature(token.input, key);
    expect(await verdict(verifier, token.with(made))).toBe('accepted');
    const twin = pair(integer(made.subarray(0, size)), n - integer(made.subarray(size)));
    expect(await verdict(verifier, token.with(twin))).toBe('accepted');
  });

  it.each(Object.entries(forgeries))('is refused with %s', async (_name, forge) => {
    const key = await createTestKey(algorithm);
    const { issuer, verifier } = await publishing(key);
    const token = await unsigned(issuer, key);
    const made = signature(token.input, key);
    const [r, s] = [integer(made.subarray(0, size)), integer(made.subarray(size))];
    expect(await verdict(verifier, token.with(pair(r, s)))).toBe('accepted');
    expect(await verdict(verifier, token.with(forge(r, s)))).toBe('ERR_SIGNATURE_INVALID');
  });

  it('is refused in DER, the form of X.509 (RFC 7518 3.4 has the two numbers side by side)', async () => {
    const key = await createTestKey(algorithm);
    const { issuer, verifier } = await publishing(key);
    const token = await unsigned(issuer, key);
    expect(await verdict(verifier, token.with(signature(token.input, key)))).toBe('accepted');
    expect(await verdict(verifier, token.with(signature(token.input, key, 'der')))).toBe(
      'ERR_SIGNATURE_INVALID',
    );
  });
});

describe('an ES512 signature, whose 66 bytes have room for more than its numbers', () => {
  const [, , { n, size }] = curves;

  it.each<[string, (r: bigint, s: bigint) => readonly [bigint, bigint]]>([
    ['r + n', (r, s) => [r + n, s]],
    ['s + n', (r, s) => [r, s + n]],
    ['both', (r, s) => [r + n, s + n]],
  ])('is refused with the same numbers once around the group: %s', async (_name, around) => {
    const key = await createTestKey('ES512');
    const { issuer, verifier } = await publishing(key);
    const token = await unsigned(issuer, key);
    const made = signature(token.input, key);
    const [r, s] = around(integer(made.subarray(0, size)), integer(made.subarray(size)));
    expect(await verdict(verifier, token.with(made))).toBe('accepted');
    expect(await verdict(verifier, token.with(Buffer.concat([bigEndian(r, size), bigEndian(s, size)])))).toBe(
      'ERR_SIGNATURE_INVALID',
    );
  });
});
