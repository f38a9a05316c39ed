import { verify } from 'node:crypto';
import { createTestIssuer, createTestKey, spoiled, type TestIssuer } from '@portcullis/testing';
import { createKeyProvider, type KeyProviderOptions } from '@portcullis/tokens';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

let issuer: TestIssuer;
let offset = 0;
beforeEach(async () => {
  offset = 0;
  issuer = await createTestIssuer({ algorithm: 'RS256' });
  const { stop } = issuer;
  return () => stop();
});

function provider(options: Partial<KeyProviderOptions> = {}) {
  const made = createKeyProvider({
    issuer: issuer.issuer,
    audience: issuer.audience,
    now: () => Date.now() + offset,
    ...options,
  });
  onTestFinished(() => made.close());
  return made;
}

/** Whether this key verifies the token, by Node's own means. */
function verifies(token: string, key: Parameters<typeof verify>[2]): boolean {
  const end = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  return verify('RSA-SHA256', Buffer.from(token.slice(0, end)), key, signature);
}

describe('a provider of keys', () => {
  it('gives the key that signed, fetched once', async () => {
    const keys = provider();
    await keys.ready();
    for (let count = 0; count < 20; count++) {
      const token = await issuer.accessToken();
      expect(verifies(token, await keys.keyFor(token))).toBe(true);
    }
    expect(issuer.visits).toMatchObject({ discovery: 1, keys: 1 });
  });

  it('follows a rotation, and forgets a withdrawn key', async () => {
    const keys = provider();
    const old = await issuer.accessToken();
    await keys.keyFor(old);
    await issuer.rotateKeys();
    offset = 11_000; // past the cooldown
    const token = await issuer.accessToken();
    expect(verifies(token, await keys.keyFor(token))).toBe(true);
    await expect(keys.keyFor(old)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
  });

  it('tells by the signature which key is meant where the token names none', async () => {
    const first = await issuer.accessToken({}, { header: { kid: undefined } });
    await issuer.rotateKeys({ keep: true });
    const second = await issuer.accessToken({}, { header: { kid: undefined } });
    const keys = provider();
    for (const token of [first, second]) expect(verifies(token, await keys.keyFor(token))).toBe(true);
    await expect(keys.keyFor(spoiled.signature(first))).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
    });
  });

  it.each<[string, () => string | Promise<string>, string]>([
    ['garbage', () => 'garbage', 'ERR_TOKEN_MALFORMED'],
    ['what is too long', () => 'x'.repeat(20_000), 'ERR_TOKEN_MALFORMED'],
    [
      'alg none',
      async () => spoiled.header(await issuer.accessToken(), { alg: 'none' }),
      'ERR_HEADER_REFUSED',
    ],
    [
      'alg HS256',
      async () => spoiled.header(await issuer.accessToken(), { alg: 'HS256' }),
      'ERR_HEADER_REFUSED',
    ],
    [
      'an embedded key',
      () => issuer.accessToken({}, { header: { jwk: issuer.key.publicJwk } }),
      'ERR_HEADER_REFUSED',
    ],
    ['another issuer', () => issuer.accessToken({ iss: 'https://evil.example/' }), 'ERR_TOKEN_UNTRUSTED'],
    ['another API', () => issuer.accessToken({ aud: 'https://other.example' }), 'ERR_AUDIENCE_MISMATCH'],
    ['an ID token', () => issuer.idToken(), 'ERR_TOKEN_KIND_REFUSED'],
    [
      'a key that nobody published',
      async () => issuer.accessToken({}, { header: { kid: 'unknown' }, key: await createTestKey('RS256') }),
      'ERR_TOKEN_UNTRUSTED',
    ],
  ])('gives no key for %s', async (_name, token, code) => {
    await expect(provider().keyFor(await token())).rejects.toMatchObject({ code });
  });

  it('gives no key of one issuer for a token of another', async () => {
    const partner = await createTestIssuer({ algorithm: 'RS256', audience: issuer.audience });
    onTestFinished(() => partner.stop());
    const keys = provider({ issuer: [issuer.issuer, partner.issuer] });
    const forged = await partner.accessToken({ iss: issuer.issuer });
    await expect(keys.keyFor(forged)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    expect(verifies(await partner.accessToken(), partner.key.publicKey)).toBe(true);
  });

  it('says so when keys cannot be had now, and has them once they can', async () => {
    const token = await issuer.accessToken();
    await issuer.pause();
    const keys = provider();
    await expect(keys.keyFor(token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    await issuer.resume();
    await expect.poll(() => keys.keyFor(token).catch(() => undefined), { timeout: 5000 }).toBeDefined();
  });

  it('refuses options that could not protect anything', () => {
    expect(() => Reflect.apply(createKeyProvider, undefined, [{ issuer: issuer.issuer }])).toThrow(
      /"audience" must be set/,
    );
    expect(() => Reflect.apply(createKeyProvider, undefined, [{ audience: 'a' }])).toThrow(
      /"issuer" must be/,
    );
  });
});
