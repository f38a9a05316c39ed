import { createTestCertificate, createTestIssuer, signRaw, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const TOLERANCE = 5;
const at = Math.floor(Date.now() / 1000);

async function answer(token: string, options: Parameters<typeof trust>[1] = {}): Promise<unknown> {
  const verifier = trust(issuer, { now: () => at * 1000, clockTolerance: TOLERANCE, ...options });
  return verify(verifier, token).then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

describe('a time claim', () => {
  it.each<[string, number, unknown]>([
    ['exp', -TOLERANCE + 1, 'accepted'],
    ['exp', -TOLERANCE, 'ERR_TOKEN_EXPIRED'], // "on or after" (RFC 7519 4.1.4)
    ['nbf', TOLERANCE, 'accepted'],
    ['nbf', TOLERANCE + 1, 'ERR_TOKEN_NOT_YET_VALID'],
    ['iat', TOLERANCE, 'accepted'],
    ['iat', TOLERANCE + 1, 'ERR_TOKEN_NOT_YET_VALID'],
  ])('%s %d s from now is judged to the second', async (claim, offset, expected) => {
    expect(await answer(await issuer.accessToken({ [claim]: at + offset }))).toBe(expected);
  });

  it.each(['nbf', 'iat'])('%s is named when it lies ahead', async (claim) => {
    const token = await issuer.accessToken({ [claim]: at + 3600 });
    await expect(verify(trust(issuer), token)).rejects.toThrow(`"${claim}"`);
    expect(await answer(await issuer.accessToken({ [claim]: at }))).toBe('accepted');
  });

  it.each<[number, unknown]>([
    [-600 - TOLERANCE + 1, 'accepted'],
    [-600 - TOLERANCE, 'ERR_TOKEN_EXPIRED'],
  ])('iat %d s from now of an ID token is judged to the second', async (offset, expected) => {
    const token = await issuer.idToken({ iat: at + offset, exp: at + 3600 });
    expect(await answer(token, { firstPartyIdTokens: 'test-client' })).toBe(expected);
  });

  it.each(['exp', 'nbf', 'iat', 'auth_time'])('%s is a number, and not beyond all', async (claim) => {
    const token = await issuer.accessToken({
      [claim]: at - 1,
      exp: at + 600,
      ...(claim === 'exp' && { exp: at + 1 }),
    });
    expect(await answer(token)).toBe('accepted');
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    const header = JSON.stringify({ alg: 'ES256', kid: issuer.key.kid });
    for (const endless of ['1e999', '-1e999']) {
      // JSON.stringify cannot write it, JSON.parse reads it.
      const text = payload.replace(new RegExp(`"${claim}":\\d+`), `"${claim}":${endless}`);
      expect(text).toContain(endless);
      const raw = signRaw(header, text, issuer.key);
      await expect(verify(trust(issuer), raw)).rejects.toMatchObject({ code: 'ERR_CLAIM_INVALID', claim });
    }
  });
});

describe('the length of', () => {
  it('a kid is 256 characters at most', async () => {
    const named = (length: number) => issuer.accessToken({}, { header: { kid: 'k'.repeat(length) } });
    expect(await answer(await named(256))).toBe('ERR_TOKEN_UNTRUSTED'); // nobody's, but looked up
    expect(await answer(await named(257))).toBe('ERR_HEADER_REFUSED');
  });

  it('an iss that a resolver is asked about is 2048 characters at most', async () => {
    const asked: number[] = [];
    const resolver = (iss: string) => void asked.push(iss.length);
    for (const length of [2048, 2049]) {
      const token = await issuer.accessToken({ iss: `https://${'i'.repeat(length - 8)}` });
      expect(await answer(token, { issuer: resolver })).toBe('ERR_TOKEN_UNTRUSTED');
    }
    expect(asked).toEqual([2048]);
  });

  it('a token is 16 KiB at most', async () => {
    const empty = (await issuer.accessToken({ pad: '' })).length;
    const padded = async (length: number): Promise<string> => {
      for (let pad = Math.floor(((length - empty) * 3) / 4) - 4; ; pad++) {
        const token = await issuer.accessToken({ pad: 'p'.repeat(pad) });
        if (token.length >= length) return token;
      }
    };
    const longest = await padded(16 * 1024);
    expect(longest).toHaveLength(16 * 1024);
    expect(await answer(longest)).toBe('accepted');
    const longer = await padded(16 * 1024 + 1);
    expect(await answer(longer)).toBe('ERR_TOKEN_MALFORMED');
    await expect(verify(trust(issuer), longer)).rejects.toThrow(/longer than 16384/);
  });
});

describe('a thumbprint in cnf', () => {
  it('is 43 characters, no more before or after them', async () => {
    const { der, x5tS256 } = await createTestCertificate();
    const bound = async (thumbprint: unknown) => {
      const token = await issuer.accessToken({ cnf: { 'x5t#S256': thumbprint } });
      return trust(issuer).verify({ scheme: 'bearer', token, certificate: der });
    };
    expect((await bound(x5tS256)).binding).toStrictEqual({ x5tS256 });
    for (const near of [`A${x5tS256}`, `${x5tS256}A`, x5tS256.slice(1), `${x5tS256.slice(1)}+`, [x5tS256]])
      await expect(bound(near)).rejects.toThrow(/not a SHA-256 thumbprint/);
  });
});
