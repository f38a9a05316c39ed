import { CompactEncrypt } from 'jose';
import { createTestIssuer, createTestKey, signRaw, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type Verifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from '../trust.ts';
import { untyped } from '../untyped.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

const MALFORMED = { code: 'ERR_TOKEN_MALFORMED', error: 'invalid_token' };
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The least milliseconds of several runs, which is what the work costs without its neighbours. */
async function cost(verifier: Verifier, token: string): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 20; run++) {
    const start = performance.now();
    try {
      await verifier.verify({ scheme: 'bearer', token });
    } catch {
      // refused, which another line of the test looks at
    }
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}

describe('CVE-2026-29000', () => {
  it('an encrypted token is refused, whether or not what is inside is signed', async () => {
    const verifier = trust(issuer);
    const signed = await issuer.accessToken();
    expect(await verify(verifier, signed)).toBeDefined();
    const claims = Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString();
    const bare = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${signed.split('.')[1]}.`;
    for (const inside of [signed, bare, claims]) {
      const encrypted = await new CompactEncrypt(encode(inside))
        .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', cty: 'JWT', kid: issuer.key.kid })
        .encrypt(issuer.key.publicKey);
      expect(encrypted.split('.')).toHaveLength(5);
      await expect(verify(verifier, encrypted)).rejects.toMatchObject(MALFORMED);
    }
  });
});

describe('CVE-2024-28176, CVE-2022-36083, CVE-2021-29443, CVE-2024-21319', () => {
  it('nothing is inflated, stretched from a password or decrypted for a caller', async () => {
    const verifier = trust(issuer);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const stretched = {
      alg: 'PBES2-HS512+A256KW',
      enc: 'A256GCM',
      p2c: 2_147_483_647,
      p2s: 'AAAA',
      zip: 'DEF',
    };
    const five = `${part(stretched)}.AAAA.AAAA.AAAA.AAAA`;
    await expect(verify(verifier, five)).rejects.toMatchObject(MALFORMED);
    expect(await cost(verifier, five)).toBeLessThan(1);
    for (const header of [{ zip: 'DEF' }, { enc: 'A256GCM' }]) {
      await expect(verify(verifier, await issuer.accessToken({}, { header }))).rejects.toMatchObject({
        code: 'ERR_HEADER_REFUSED',
      });
    }
    for (const alg of ['PBES2-HS512+A256KW', 'RSA1_5', 'RSA-OAEP', 'dir', 'A128KW', 'ECDH-ES']) {
      await expect(verify(verifier, await issuer.accessToken({}, { header: { alg } }))).rejects.toMatchObject(
        {
          parameter: 'alg',
        },
      );
      const options = { issuer: issuer.issuer, audience: issuer.audience };
      expect(() => createVerifier({ ...options, ...untyped({ algorithms: [alg] }) })).toThrow(TypeError);
    }
  });
});

describe('CVE-2025-30204', () => {
  it.each<[string, string]>([
    ['dots', '.'.repeat(1024 * 1024)],
    ['letters', 'a'.repeat(1024 * 1024)],
    ['a good beginning', `eyJhbGciOiJSUzI1NiJ9.${'e'.repeat(1024 * 1024)}.AAAA`],
  ])(
    'a megabyte of %s is refused before it is taken apart, in less than a millisecond',
    async (_name, token) => {
      const verifier = trust(issuer);
      await verifier.ready();
      await expect(verify(verifier, token)).rejects.toMatchObject(MALFORMED);
      expect(await cost(verifier, token)).toBeLessThan(1);
    },
  );

  it('a token of 16384 characters is read, one of 16385 is not, and a header may not be all of it', async () => {
    const verifier = trust(issuer);
    // Three bytes more of a claim are four characters more of the token.
    const sized = async (length: number): Promise<string> => {
      const room = length - (await issuer.accessToken({ pad: '' })).length;
      const tokens = await Promise.all(
        [-3, -2, -1, 0, 1, 2].map((more) =>
          issuer.accessToken({ pad: 'x'.repeat(Math.floor(room * 0.75) + more) }),
        ),
      );
      return tokens.find((token) => token.length === length) ?? sized(length);
    };
    const longest = await sized(16_384);
    expect(await verify(verifier, longest)).toBeDefined();
    await expect(verify(verifier, `${longest}A`)).rejects.toMatchObject(MALFORMED);
    const kid = await issuer.accessToken({}, { header: { kid: 'k'.repeat(10_000) } });
    await expect(verify(verifier, kid)).rejects.toMatchObject({ code: 'ERR_HEADER_REFUSED' });
  });
});

describe('fast-jwt #606', () => {
  it('one token has one spelling: what is keyed by its text cannot be sidestepped', async () => {
    const key = await createTestKey('RS256');
    const own = await createTestIssuer();
    own.publishKeys([key.publicJwk]);
    const verifier = trust(own);
    // 256 bytes of signature end in a character with two spare bits, and the claims are made to end in one.
    const token = await own.accessToken({}, { key });
    expect(await verify(verifier, token)).toBeDefined();
    const [head = '', body = '', signature = ''] = token.split('.');
    const next = (part: string): string => {
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      return part.slice(0, -1) + (alphabet[alphabet.indexOf(part.at(-1) ?? '') + 1] ?? 'A');
    };
    const respelled = [
      `${token}=`,
      `${token}==`,
      `${head}=.${body}.${signature}`,
      `${head}.${body}=.${signature}`,
      `${token} `,
      ` ${token}`,
      `${token}\n`,
      `${head}.${body}.${signature.slice(0, 50)}\n${signature.slice(50)}`,
      `${head}.${body}.${signature.slice(0, 50)} ${signature.slice(50)}`,
      `${head}.${body}.${signature.slice(0, 50)}\0${signature.slice(50)}`,
      `${head}.${body}.${next(signature)}`,
      `${token}.`,
      `Bearer ${token}`,
    ];
    for (const other of respelled) {
      await expect(verify(verifier, other)).rejects.toMatchObject(MALFORMED);
    }
    await own.stop();
  });

  it('base64 is not base64url', async () => {
    const verifier = trust(issuer);
    for (;;) {
      const token = await issuer.accessToken();
      if (!/[-_][^.]*$/.test(token)) continue;
      expect(await verify(verifier, token)).toBeDefined();
      const end = token.lastIndexOf('.');
      const respelled = token.slice(0, end) + token.slice(end).replaceAll('-', '+').replaceAll('_', '/');
      await expect(verify(verifier, respelled)).rejects.toMatchObject(MALFORMED);
      return;
    }
  });
});

describe('IdentityModel #415', () => {
  it('claims have the names and values that were sent, and __proto__ is one like any other', async () => {
    const verifier = trust(issuer);
    const now = Math.floor(Date.now() / 1000);
    const sent =
      `{"iss":${JSON.stringify(issuer.issuer)},"aud":${JSON.stringify(issuer.audience)},"sub":"s","exp":${now + 60},` +
      `"iat":${now},"client_id":"c","jti":"1","Sub":"other","role":"r","name":"n","emailaddress":"e","nameid":"x",` +
      `"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier":"y","__proto__":{"isAdmin":true},` +
      `"constructor":{"prototype":{"isAdmin":true}},"nested":{"__proto__":{"isAdmin":true}},"toString":1,"":"empty"}`;
    const { key } = issuer;
    const token = signRaw(`{"alg":"RS256","typ":"at+jwt","kid":"${key.kid}"}`, sent, key);
    const { claims, subject } = await verify(verifier, token);
    expect(subject).toBe('s');
    expect(JSON.stringify(claims)).toBe(sent);
    expect(claims['isAdmin']).toBeUndefined();
    expect(Object.getPrototypeOf(claims)).toBeNull();
    expect(Object.hasOwn(claims, '__proto__')).toBe(true);
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
    const again = await verify(verifier, await issuer.accessToken());
    expect(again.claims['isAdmin']).toBeUndefined();
    expect(again.claims['role']).toBeUndefined();
  });
});
