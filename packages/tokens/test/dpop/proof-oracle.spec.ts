import { createHash, randomUUID } from 'node:crypto';
import { createTestKey, signRaw, type TestKey } from '@portcullis/testing';
import * as fc from 'fast-check';
import { calculateJwkThumbprint, compactVerify, EmbeddedJWK, exportJWK, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { allAlgorithms } from '../../src/algorithm.ts';
import { thumbprintOf } from '../../src/dpop/proof-key.ts';
import { jwk } from '../../src/dpop/rules/jwk.rule.ts';
import { verifySignature } from '../../src/signature.ts';
import { createTrial, invalid, token } from './trial.ts';

const keys: readonly TestKey[] = await Promise.all(allAlgorithms.map((name) => createTestKey(name)));

/** jose's verdict on the same bytes. */
async function joseAccepts(jws: string, { publicKey, algorithm }: TestKey): Promise<boolean> {
  return compactVerify(jws, publicKey, { algorithms: [algorithm] }).then(
    () => true,
    () => false,
  );
}

async function weAccept(jws: string, { publicKey, algorithm }: TestKey): Promise<boolean> {
  const end = jws.lastIndexOf('.');
  const signature = Buffer.from(jws.slice(end + 1), 'base64url');
  return verifySignature(
    algorithm,
    publicKey,
    { input: Buffer.from(jws.slice(0, end)), signature },
    (good) => good,
  );
}

function signed(key: TestKey, payload: string): string {
  return signRaw(JSON.stringify({ alg: key.algorithm }), payload, key);
}

describe('a thumbprint', () => {
  it('is that of RFC 7638 3.1', () => {
    const n = [
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtV',
      'T86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9y',
      'BXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zg',
      'dAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1',
      'jF44-csFCur-kEgU8awapJzKnqDKgw',
    ].join('');
    expect(thumbprintOf({ kty: 'RSA', n, e: 'AQAB' })).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
  });

  it.each(keys)("of a key for $algorithm is jose's", async ({ publicJwk }) => {
    expect(thumbprintOf(jwk({ jwk: publicJwk }))).toBe(await calculateJwkThumbprint(publicJwk));
  });
});

describe('a signature', () => {
  it.each(keys)('by $algorithm is good as often as it is made', async (key) => {
    // Enough for numbers that begin with zeros, of which one in 256 does.
    const count = key.algorithm.startsWith('ES256') ? 1500 : 100;
    const proofs = Array.from({ length: count }, (_, index) => signed(key, `message ${index}`));
    const verdicts = await Promise.all(proofs.map((jws) => weAccept(jws, key)));
    expect(verdicts.every(Boolean)).toBe(true);
  });

  it.each(keys)("by $algorithm, one bit changed, has jose's verdict", async (key) => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.nat(), fc.integer({ min: 0, max: 7 }), async (payload, at, bit) => {
        const jws = signed(key, payload);
        const end = jws.lastIndexOf('.') + 1;
        const bytes = Buffer.from(jws.slice(end), 'base64url');
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        const changed = jws.slice(0, end) + bytes.toString('base64url');
        expect(await weAccept(jws, key)).toBe(true);
        expect(await weAccept(changed, key)).toBe(await joseAccepts(changed, key));
      }),
      { numRuns: 30 },
    );
  });

  it.each(keys)("by $algorithm, of any bytes, has jose's verdict", async (key) => {
    const input = Buffer.from('{}').toString('base64url');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const header = Buffer.from(JSON.stringify({ alg: key.algorithm })).toString('base64url');
        const jws = `${header}.${input}.${Buffer.from(bytes).toString('base64url')}`;
        expect(await weAccept(jws, key)).toBe(await joseAccepts(jws, key));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a proof', () => {
  it('made with jose passes, and jose takes the proofs made here', async () => {
    const trial = await createTrial();
    const proof = await new SignJWT({
      htm: 'GET',
      htu: 'https://menu-api.example.com/items',
      ath: createHash('sha256').update(token).digest('base64url'),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(trial.key.publicKey) })
      .setJti(randomUUID())
      .setIssuedAt(trial.clock.seconds)
      .sign(trial.key.privateKey);
    await expect(trial.check(proof)).resolves.toBeUndefined();
    await expect(compactVerify(trial.proof(), EmbeddedJWK)).resolves.toBeDefined();
  });

  it('with any one character changed is refused', async () => {
    const trial = await createTrial();
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,=+/ é\u0000';
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(...alphabet), async (at, character) => {
        const proof = trial.proof();
        const index = at % proof.length;
        fc.pre(proof[index] !== character);
        const changed = proof.slice(0, index) + character + proof.slice(index + 1);
        await expect(trial.check(changed)).rejects.toMatchObject(invalid);
        await expect(trial.check(proof)).resolves.toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('of any text is refused and nothing else happens', async () => {
    const trial = await createTrial();
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        await expect(trial.check(parts.join('.'))).rejects.toMatchObject(invalid);
      }),
      { numRuns: 500 },
    );
  });

  it.each(['typ', 'alg', 'jwk', 'crit'])('with any value for the header %s is refused', async (name) => {
    const trial = await createTrial();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await expect(trial.check(trial.proof({ header: { [name]: value } }))).rejects.toMatchObject(invalid);
      }),
    );
  });

  it.each(['htm', 'htu', 'iat', 'ath'])('with any value for the claim %s is refused', async (name) => {
    const trial = await createTrial();
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        await expect(trial.check(trial.proof({ claims: { [name]: value } }))).rejects.toMatchObject(invalid);
      }),
    );
  });
});

describe('a URL that a proof names', () => {
  it('stays good in every spelling that RFC 3986 calls the same', async () => {
    const trial = await createTrial();
    const unreserved = [...'ABCXYZabcxyz0129-._~'];
    const character = fc.constantFrom(...unreserved).chain((plain) => {
      const code = plain.codePointAt(0)?.toString(16) ?? '';
      return fc
        .constantFrom(plain, `%${code}`, `%${code.toUpperCase()}`)
        .map((spelled) => ({ plain, spelled }));
    });
    const segment = fc
      .array(character, { minLength: 1, maxLength: 6 })
      .filter((all) => !['.', '..'].includes(all.map(({ plain }) => plain).join('')));
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 4 }), async (segments) => {
        const path = (form: 'plain' | 'spelled'): string =>
          `/${segments.map((all) => all.map((one) => one[form]).join('')).join('/')}`;
        const htu = `https://menu-api.example.com${path('spelled')}`;
        await expect(
          trial.check(trial.proof({ claims: { htu } }), { url: path('plain') }),
        ).resolves.toBeUndefined();
        await expect(
          trial.check(trial.proof({ claims: { htu: `${htu}x` } }), { url: path('plain') }),
        ).rejects.toMatchObject(invalid);
      }),
      { numRuns: 100 },
    );
  });
});
