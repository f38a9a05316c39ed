import { createHash, sign } from 'node:crypto';
import { createTestKey, type TestKey } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { challenge, equationHolds, L, number, P } from './vectors/edwards.ts';
import { littleEndian, publishing, unsigned, verdict } from './vectors/forgery.ts';

/** RFC 8032 5.1.5: the secret number below a private key. */
function scalar(key: TestKey): bigint {
  const secret = Buffer.from(String(key.privateKey.export({ format: 'jwk' }).d), 'base64url');
  const half = createHash('sha512').update(secret).digest().subarray(0, 32);
  half[0] = (half[0] ?? 0) & 248;
  half[31] = ((half[31] ?? 0) & 127) | 64;
  return number(half);
}

const publicBytes = (key: TestKey): Buffer => Buffer.from(String(key.publicJwk.x), 'base64url');

/** A true signature by the key's owner whose R is the neutral point, in the spelling that is given. */
function neutral(spelling: Buffer, key: TestKey, input: string): Buffer {
  const s = (challenge(spelling, publicBytes(key), input) * scalar(key)) % L;
  return Buffer.concat([spelling, littleEndian(s, 32)]);
}

const CANONICAL_NEUTRAL = littleEndian(1n, 32);

describe('an Ed25519 signature', () => {
  const forgeries: Readonly<Record<string, (r: Buffer, s: Buffer) => Buffer>> = {
    'S + L, the same number once around': (r, s) => Buffer.concat([r, littleEndian(number(s) + L, 32)]),
    'S + 2 L': (r, s) => Buffer.concat([r, littleEndian(number(s) + 2n * L, 32)]),
    'S + 8 L': (r, s) => Buffer.concat([r, littleEndian(number(s) + 8n * L, 32)]),
    'L - S': (r, s) => Buffer.concat([r, littleEndian(L - number(s), 32)]),
    'S = 0': (r) => Buffer.concat([r, Buffer.alloc(32)]),
    'S = L': (r) => Buffer.concat([r, littleEndian(L, 32)]),
    'the greatest S': (r) => Buffer.concat([r, Buffer.alloc(32, 0xff)]),
    'R = 0': (_, s) => Buffer.concat([Buffer.alloc(32), s]),
    'the other sign of R': (r, s) => Buffer.concat([r.subarray(0, 31), Buffer.of((r[31] ?? 0) ^ 128), s]),
    'all zeros': () => Buffer.alloc(64),
    'R and S swapped': (r, s) => Buffer.concat([s, r]),
    'one byte less': (r, s) => Buffer.concat([r, s.subarray(0, 31)]),
    'one byte more': (r, s) => Buffer.concat([r, s, Buffer.alloc(1)]),
    'R alone': (r) => r,
  };

  it.each(Object.entries(forgeries))('is refused with %s', async (_name, forge) => {
    const key = await createTestKey('Ed25519');
    const { issuer, verifier } = await publishing(key);
    const token = await unsigned(issuer, key);
    const made = sign(null, Buffer.from(token.input), key.privateKey);
    expect(await verdict(verifier, token.with(made))).toBe('accepted');
    const forged = forge(made.subarray(0, 32), made.subarray(32));
    expect(await verdict(verifier, token.with(forged))).toBe('ERR_SIGNATURE_INVALID');
  });

  it.each<[string, Buffer]>([
    ['y = p + 1', littleEndian(P + 1n, 32)],
    ['the sign of a zero', littleEndian(1n | (1n << 255n), 32)],
    ['both', littleEndian((P + 1n) | (1n << 255n), 32)],
  ])('is refused with a second spelling of the same point R: %s', async (_name, spelling) => {
    const key = await createTestKey('Ed25519');
    const { issuer, verifier } = await publishing(key);
    const token = await unsigned(issuer, key);
    const input = Buffer.from(token.input);
    expect(await verdict(verifier, token.with(sign(null, input, key.privateKey)))).toBe('accepted');
    const forged = neutral(spelling, key, token.input);
    expect(equationHolds(publicBytes(key), forged, token.input)).toBe(true);
    expect(await verdict(verifier, token.with(forged))).toBe('ERR_SIGNATURE_INVALID');
  });
});

describe('a published Ed25519 key', () => {
  const EIGHTH = '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc';
  const OTHER_EIGHTH = 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03';

  it.each<[string, Buffer]>([
    ['the neutral point', CANONICAL_NEUTRAL],
    ['the point of order 2', littleEndian(P - 1n, 32)],
    ['a point of order 4', Buffer.alloc(32)],
    ['the other point of order 4', littleEndian(1n << 255n, 32)],
    ['a point of order 8', Buffer.from(`${EIGHTH}05`, 'hex')],
    ['its opposite', Buffer.from(`${EIGHTH}85`, 'hex')],
    ['another point of order 8', Buffer.from(`${OTHER_EIGHTH}7a`, 'hex')],
    ['the opposite of that', Buffer.from(`${OTHER_EIGHTH}fa`, 'hex')],
    ['the neutral point, spelled p + 1', littleEndian(P + 1n, 32)],
    ['the neutral point with the sign of a zero', littleEndian(1n | (1n << 255n), 32)],
    ['a point of order 4, spelled p', littleEndian(P, 32)],
    ['the point of order 2 with the sign of a zero', littleEndian((P - 1n) | (1n << 255n), 32)],
  ])('that is %s signs nothing: anybody could', async (_name, point) => {
    const good = await createTestKey('Ed25519');
    const weak: TestKey = {
      ...good,
      kid: 'weak',
      publicJwk: { ...good.publicJwk, kid: 'weak', x: point.toString('base64url') },
    };
    const { issuer, verifier } = await publishing(weak, good);
    const sibling = await unsigned(issuer, good);
    expect(
      await verdict(verifier, sibling.with(sign(null, Buffer.from(sibling.input), good.privateKey))),
    ).toBe('accepted');

    // With R neutral and S = 0 the equation holds for any text whose challenge the point's order divides.
    const forged = Buffer.concat([CANONICAL_NEUTRAL, Buffer.alloc(32)]);
    for (let found = 0; found < 3;) {
      const token = await unsigned(issuer, weak);
      if (challenge(CANONICAL_NEUTRAL, point, token.input) % 8n !== 0n) continue;
      found++;
      expect(equationHolds(point, forged, token.input)).toBe(true);
      expect(await verdict(verifier, token.with(forged))).toBe('ERR_TOKEN_UNTRUSTED');
    }
  });
});
