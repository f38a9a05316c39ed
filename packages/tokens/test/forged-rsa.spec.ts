import {
  constants,
  createHash,
  generateKeyPairSync,
  privateEncrypt,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { createTestKey, type TestKey } from '@portcullis/testing';
import type { Algorithm, Verifier } from '@portcullis/tokens';
import { beforeAll, describe, expect, it } from 'vitest';
import { bigEndian, integer, publishing, unsigned, verdict, type Unsigned } from './vectors/forgery.ts';

const SIZE = 256;

/** RFC 8017 9.2, note 1: what comes before the digest. */
const DIGEST_INFO = {
  sha1: Buffer.from('3021300906052b0e03021a05000414', 'hex'),
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
};
const WITHOUT_NULL = Buffer.from('302f300b06096086480165030402010420', 'hex');
const LONG_LENGTH = Buffer.from('308131300d060960864801650304020105000420', 'hex');

const hash = (name: string, ...parts: readonly (Uint8Array | string)[]): Buffer => {
  const hasher = createHash(name);
  for (const part of parts) hasher.update(part);
  return hasher.digest();
};

/** The private key's power of any block at all, which a library would never make. */
const power = (encoded: Buffer, key: KeyObject): Buffer =>
  privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);

/** RFC 8017 9.2, with each of its parts open to change. */
function block(parts: {
  head?: Buffer;
  fill?: number;
  digest: Buffer;
  trailer?: Buffer;
  size?: number;
}): Buffer {
  const { head = Buffer.of(0, 1), fill = 0xff, digest, trailer = Buffer.alloc(0), size = SIZE } = parts;
  const padding = Buffer.alloc(size - head.length - 1 - digest.length - trailer.length, fill);
  return Buffer.concat([head, padding, Buffer.of(0), digest, trailer]);
}

/** A key pair whose public exponent is 3: the one for which roots can be taken by hand. */
function exponentThree(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: SIZE * 8,
    publicExponent: 3,
  });
  const jwk = publicKey.export({ format: 'jwk' });
  return {
    kid: 'three',
    algorithm: 'RS256',
    privateKey,
    publicKey,
    publicJwk: { ...jwk, kty: 'RSA', kid: 'three', use: 'sig', alg: 'RS256' },
  };
}

function cubeRoot(number: bigint): bigint {
  let [low, high] = [0n, 1n << 700n];
  while (low < high) {
    const middle = (low + high) >> 1n;
    if (middle ** 3n < number) low = middle + 1n;
    else high = middle;
  }
  return low;
}

/** RFC 8017 9.1.1 and B.2.1, with each of its parameters open to change. */
function pssBlock(
  input: string,
  with_: { hash: string; mask: string; salt: number; trailer: number },
): Buffer {
  const digest = hash(with_.hash, input);
  const salt = randomBytes(with_.salt);
  const h = hash(with_.hash, Buffer.alloc(8), digest, salt);
  const data = Buffer.alloc(SIZE - h.length - 1);
  data[data.length - salt.length - 1] = 1;
  salt.copy(data, data.length - salt.length);
  const mask: Buffer[] = [];
  for (let counter = 0; Buffer.concat(mask).length < data.length; counter++) {
    mask.push(hash(with_.mask, h, bigEndian(BigInt(counter), 4)));
  }
  const stream = Buffer.concat(mask);
  const masked = data.map((byte, index) => byte ^ (stream[index] ?? 0));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return Buffer.concat([masked, h, Buffer.of(with_.trailer)]);
}

/** One of each is enough: making them is what takes time. */
const keys = new Map<Algorithm, TestKey>();
beforeAll(async () => {
  for (const algorithm of ['RS256', 'PS256'] as const) keys.set(algorithm, await createTestKey(algorithm));
});

function keyOf(algorithm: Algorithm): TestKey {
  const key = keys.get(algorithm);
  if (key === undefined) throw new Error(`no key was made for ${algorithm}`);
  return key;
}

async function scene(key: TestKey): Promise<{ token: () => Promise<Unsigned>; verifier: Verifier }> {
  const { issuer, verifier } = await publishing(key);
  return { verifier, token: () => unsigned(issuer, key) };
}

describe('an RS256 signature', () => {
  const forgeries: Readonly<Record<string, (input: string) => Buffer>> = {
    'a digest of SHA-1': (input) => block({ digest: Buffer.concat([DIGEST_INFO.sha1, hash('sha1', input)]) }),
    'a digest of SHA-512': (input) =>
      block({ digest: Buffer.concat([DIGEST_INFO.sha512, hash('sha512', input)]) }),
    'a digest of SHA-256 that says it is of SHA-512': (input) =>
      block({ digest: Buffer.concat([DIGEST_INFO.sha512, hash('sha256', input)]) }),
    'no name of the digest at all': (input) => block({ digest: hash('sha256', input) }),
    'a name without its NULL': (input) =>
      block({ digest: Buffer.concat([WITHOUT_NULL, hash('sha256', input)]) }),
    'a length in the long form': (input) =>
      block({ digest: Buffer.concat([LONG_LENGTH, hash('sha256', input)]) }),
    'a digest of another text': (input) =>
      block({ digest: Buffer.concat([DIGEST_INFO.sha256, hash('sha256', input, '.')]) }),
    'block type 0': (input) => block({ head: Buffer.of(0, 0), fill: 0, digest: digestOf(input) }),
    'block type 2': (input) => block({ head: Buffer.of(0, 2), digest: digestOf(input) }),
    'padding of other bytes': (input) => block({ fill: 0xfe, digest: digestOf(input) }),
    'eight bytes of padding, and garbage after the digest': (input) =>
      Buffer.concat([
        block({ digest: digestOf(input), size: 2 + 8 + 1 + 51 }),
        randomBytes(SIZE - (2 + 8 + 1 + 51)),
      ]),
    'one byte of garbage after the digest': (input) =>
      block({ digest: digestOf(input), trailer: Buffer.of(0) }),
    'no byte between padding and digest': (input) =>
      Buffer.concat([Buffer.of(0, 1), Buffer.alloc(SIZE - 2 - 51, 0xff), digestOf(input)]),
  };
  const digestOf = (input: string): Buffer => Buffer.concat([DIGEST_INFO.sha256, hash('sha256', input)]);

  it.each(Object.entries(forgeries))('by the right key is refused with %s', async (_name, forge) => {
    const key = keyOf('RS256');
    const { token, verifier } = await scene(key);
    const { input, with: signed } = await token();
    const proper = block({ digest: digestOf(input) });
    expect(await verdict(verifier, signed(power(proper, key.privateKey)))).toBe('accepted');
    expect(await verdict(verifier, signed(power(forge(input), key.privateKey)))).toBe(
      'ERR_SIGNATURE_INVALID',
    );
  });

  it('without the key is refused as the cube root that fools whoever stops reading at the digest', async () => {
    const key = exponentThree();
    const { token, verifier } = await scene(key);
    const { input, with: signed } = await token();
    expect(await verdict(verifier, signed(sign('sha256', Buffer.from(input), key.privateKey)))).toBe(
      'accepted',
    );

    const wanted = block({ digest: digestOf(input), size: 2 + 8 + 1 + 51 });
    const root = cubeRoot(integer(wanted) << BigInt((SIZE - wanted.length) * 8));
    expect(bigEndian(root ** 3n, SIZE).subarray(0, wanted.length)).toEqual(wanted);
    expect(await verdict(verifier, signed(bigEndian(root, SIZE)))).toBe('ERR_SIGNATURE_INVALID');
  });

  it.each<[string, (modulus: bigint) => bigint]>([
    ['0', () => 0n],
    ['1', () => 1n],
    ['n - 1', (modulus) => modulus - 1n],
    ['n', (modulus) => modulus],
    ['n + 1', (modulus) => modulus + 1n],
  ])('is refused as the number %s', async (_name, number) => {
    const key = keyOf('RS256');
    const { token, verifier } = await scene(key);
    const { input, with: signed } = await token();
    expect(await verdict(verifier, signed(sign('sha256', Buffer.from(input), key.privateKey)))).toBe(
      'accepted',
    );
    const modulus = integer(Buffer.from(String(key.publicJwk.n), 'base64url'));
    expect(await verdict(verifier, signed(bigEndian(number(modulus), SIZE)))).toBe('ERR_SIGNATURE_INVALID');
  });
});

describe.each<Algorithm>(['RS256', 'PS256'])('the bytes of an %s signature', (algorithm) => {
  const made = (input: string, { privateKey: key }: TestKey): Buffer =>
    algorithm === 'RS256'
      ? sign('sha256', Buffer.from(input), key)
      : sign('sha256', Buffer.from(input), {
          key,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: 32,
        });

  it.each<[string, (signature: Buffer) => Buffer]>([
    ['one less at the end', (signature) => signature.subarray(0, -1)],
    ['one less at the start', (signature) => signature.subarray(1)],
    ['a zero more at the start', (signature) => Buffer.concat([Buffer.alloc(1), signature])],
    ['a zero more at the end', (signature) => Buffer.concat([signature, Buffer.alloc(1)])],
    ['all of them zero', () => Buffer.alloc(SIZE)],
    ['one alone', () => Buffer.of(1)],
    ['twice', (signature) => Buffer.concat([signature, signature])],
  ])('are refused as %s', async (_name, change) => {
    const key = keyOf(algorithm);
    const { token, verifier } = await scene(key);
    const { input, with: signed } = await token();
    const signature = made(input, key);
    expect(await verdict(verifier, signed(signature))).toBe('accepted');
    expect(await verdict(verifier, signed(change(signature)))).toBe('ERR_SIGNATURE_INVALID');
  });

  it('are refused without the zero that the number happens to begin with', async () => {
    const key = keyOf(algorithm);
    const { token, verifier } = await scene(key);
    for (;;) {
      const { input, with: signed } = await token();
      const signature = made(input, key);
      if (signature[0] !== 0) continue;
      expect(await verdict(verifier, signed(signature))).toBe('accepted');
      expect(await verdict(verifier, signed(signature.subarray(1)))).toBe('ERR_SIGNATURE_INVALID');
      return;
    }
  });

  it('are refused as the same number plus the modulus', async () => {
    for (;;) {
      const key = await createTestKey(algorithm);
      const { token, verifier } = await scene(key);
      const modulus = integer(Buffer.from(String(key.publicJwk.n), 'base64url'));
      // Only a number below 2^2048 - n has a second spelling of the same length.
      for (let attempt = 0; attempt < 50; attempt++) {
        const { input, with: signed } = await token();
        const signature = made(input, key);
        const more = integer(signature) + modulus;
        if (more >= 1n << BigInt(SIZE * 8)) continue;
        expect(await verdict(verifier, signed(signature))).toBe('accepted');
        expect(await verdict(verifier, signed(bigEndian(more, SIZE)))).toBe('ERR_SIGNATURE_INVALID');
        return;
      }
    }
  });
});

describe('a PS256 signature', () => {
  const proper = { hash: 'sha256', mask: 'sha256', salt: 32, trailer: 0xbc };

  it.each<[string, Partial<typeof proper>]>([
    ['a mask by SHA-1', { mask: 'sha1' }],
    ['a mask by SHA-512', { mask: 'sha512' }],
    ['a digest of SHA-512', { hash: 'sha512', salt: 64 }],
    ['no salt', { salt: 0 }],
    ['a salt of 20 bytes', { salt: 20 }],
    ['a salt of 31 bytes', { salt: 31 }],
    ['a salt of 33 bytes', { salt: 33 }],
    ['the longest salt', { salt: SIZE - 32 - 2 }],
    ['another last byte', { trailer: 0xcc }],
  ])('is refused with %s (RFC 7518 3.5)', async (_name, changed) => {
    const key = keyOf('PS256');
    const { token, verifier } = await scene(key);
    const { input, with: signed } = await token();
    expect(await verdict(verifier, signed(power(pssBlock(input, proper), key.privateKey)))).toBe('accepted');
    const forged = power(pssBlock(input, { ...proper, ...changed }), key.privateKey);
    expect(await verdict(verifier, signed(forged))).toBe('ERR_SIGNATURE_INVALID');
  });
});

describe('one RSA key', () => {
  it('does not make a PSS signature pass for a PKCS#1 one, nor the reverse', async () => {
    const key = keyOf('RS256');
    const { alg: _alg, ...both } = key.publicJwk;
    const { issuer, verifier } = await publishing({ ...key, publicJwk: both });
    for (const [alg, other] of [
      ['RS256', 'PS256'],
      ['PS256', 'RS256'],
    ] as const) {
      const { input, with: signed } = await unsigned(issuer, key, { alg });
      const by = (name: string): Buffer =>
        name === 'RS256'
          ? sign('sha256', Buffer.from(input), key.privateKey)
          : power(
              pssBlock(input, { hash: 'sha256', mask: 'sha256', salt: 32, trailer: 0xbc }),
              key.privateKey,
            );
      expect(await verdict(verifier, signed(by(alg)))).toBe('accepted');
      expect(await verdict(verifier, signed(by(other)))).toBe('ERR_SIGNATURE_INVALID');
    }
  });
});
