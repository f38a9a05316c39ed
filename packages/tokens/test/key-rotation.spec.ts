import { createTestIssuer, createTestKey } from '@portcullis/testing';
import { createVerifier } from '@portcullis/tokens';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from './trust.ts';

const SECOND = 1000;
let offset = 0;
const now = (): number => Date.now() + offset;
const pass = (milliseconds: number): void => void (offset += milliseconds);
beforeEach(() => void (offset = 0));

async function started(options?: Parameters<typeof createTestIssuer>[0]) {
  const issuer = await createTestIssuer({ algorithm: 'ES256', ...options });
  onTestFinished(() => issuer.stop());
  const verifier = trust(issuer, { now, clockTolerance: 60 });
  await verifier.ready();
  return { issuer, verifier };
}

describe('rotation of keys', () => {
  it('costs one fetch: the new key is accepted, the withdrawn one refused', async () => {
    const { issuer, verifier } = await started();
    const old = await issuer.accessToken();
    expect(await verify(verifier, old)).toBeDefined();
    await issuer.rotateKeys();
    pass(11 * SECOND);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    await expect(verify(verifier, old)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    expect(issuer.visits).toMatchObject({ discovery: 1, keys: 2 });
  });

  it('keeps an old key that is still published', async () => {
    const { issuer, verifier } = await started();
    const old = await issuer.accessToken();
    await issuer.rotateKeys({ keep: true });
    pass(11 * SECOND);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    expect(await verify(verifier, old)).toBeDefined();
  });

  it('within the cooldown after a fetch, an unknown kid is refused and asks nobody', async () => {
    const { issuer, verifier } = await started();
    await issuer.rotateKeys();
    await expect(verify(verifier, await issuer.accessToken())).rejects.toMatchObject({
      code: 'ERR_TOKEN_UNTRUSTED',
    });
    expect(issuer.visits.keys).toBe(1);
  });

  it('reaches a verifier without unknown kids: the old set is fetched anew after 10 minutes', async () => {
    const { issuer, verifier } = await started();
    const old = await issuer.accessToken({ exp: now() / SECOND + 3600 });
    await issuer.rotateKeys();
    pass(601 * SECOND);
    await verify(verifier, old); // starts the fetch and is not held up by it
    await expect
      .poll(() => verify(verifier, old).catch((error: unknown) => error))
      .toMatchObject({
        code: 'ERR_TOKEN_UNTRUSTED',
      });
  });
});

describe('a flood of unknown kids', () => {
  it('costs one fetch per cooldown, and good tokens never wait for it', async () => {
    const { issuer, verifier } = await started();
    const good = await issuer.accessToken();
    pass(11 * SECOND);
    issuer.answerKeysWith({ delay: 300 });
    const flood = Array.from({ length: 600 }, async (_, index) => {
      const token = await issuer.accessToken({}, { header: { kid: `random-${index}` } });
      return verify(verifier, token).catch((error: { code: string }) => error.code);
    });
    await expect.poll(() => issuer.visits.keys).toBe(2);
    const before = performance.now();
    expect(await verify(verifier, good)).toBeDefined();
    expect(performance.now() - before).toBeLessThan(200);
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['ERR_TOKEN_UNTRUSTED']));
    expect(issuer.visits.keys).toBe(2);

    issuer.answerKeysWith(undefined);
    await issuer.rotateKeys();
    pass(11 * SECOND);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    expect(issuer.visits.keys).toBe(3);
  });
});

describe('keys of several issuers', () => {
  it('are never mixed, whatever the kid', async () => {
    const first = await createTestIssuer({ algorithm: 'ES256' });
    const second = await createTestIssuer({ algorithm: 'ES256' });
    const twin = await createTestKey('ES256', { kid: first.key.kid });
    second.publishKeys([twin.publicJwk]);
    const verifier = createVerifier({ issuer: [first.issuer, second.issuer], audience: first.audience });
    expect(await verify(verifier, await first.accessToken())).toMatchObject({ issuer: first.issuer });
    expect(await verify(verifier, await second.accessToken({}, { key: twin }))).toMatchObject({
      issuer: second.issuer,
    });
    const crossed = await first.accessToken({ iss: second.issuer });
    await expect(verify(verifier, crossed)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    verifier.close();
    await Promise.all([first.stop(), second.stop()]);
  });
});

describe('odd keys in a set', () => {
  it('are ignored, and a token by one is refused', async () => {
    const { issuer, verifier: _first } = await started();
    const weak = await createTestKey('RS256', { modulusLength: 1024 });
    const encrypts = await createTestKey('ES256');
    const secret = await createTestKey('ES256');
    const foreign = await createTestKey('ES256');
    issuer.publishKeys([
      null,
      'key',
      {},
      { kty: 'oct', k: 'AAAA', kid: 'oct' },
      { kty: 'lattice', kid: 'x' },
      { kty: 'RSA', e: 'AQAB', kid: 'no-n' },
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'off-curve' },
      weak.publicJwk,
      { ...encrypts.publicJwk, use: 'enc' },
      { ...foreign.publicJwk, key_ops: ['sign'] },
      secret.privateKey.export({ format: 'jwk' }),
      issuer.key.publicJwk,
    ]);
    const verifier = trust(issuer, { now });
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    for (const key of [weak, encrypts, foreign]) {
      await expect(verify(verifier, await issuer.accessToken({}, { key }))).rejects.toMatchObject({
        code: 'ERR_TOKEN_UNTRUSTED',
      });
    }
    const unnamed = await issuer.accessToken({}, { key: secret, header: { kid: undefined } });
    await expect(verify(verifier, unnamed)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
  });

  it('may share a kid: each of them is tried, and no newer ones are asked for', async () => {
    const { issuer } = await started();
    const { kid } = issuer.key;
    const twin = await createTestKey('ES256', { kid });
    const stranger = await createTestKey('ES256', { kid });
    issuer.publishKeys([twin.publicJwk, issuer.key.publicJwk]);
    const verifier = trust(issuer, { now });
    await verifier.ready();
    const before = issuer.visits.keys;
    pass(11 * SECOND);
    for (const key of [twin, issuer.key]) {
      expect(await verify(verifier, await issuer.accessToken({}, { key }))).toBeDefined();
    }
    const forged = await issuer.accessToken({}, { key: stranger });
    await expect(verify(verifier, forged)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
    expect(issuer.visits.keys).toBe(before);
  });

  it('do not matter to a token without a kid: every fitting key is tried, up to four', async () => {
    const { issuer } = await started();
    const others = await Promise.all(Array.from({ length: 4 }, () => createTestKey('ES256')));
    const published = others.map((key) => key.publicJwk);
    const token = await issuer.accessToken({}, { header: { kid: undefined } });
    issuer.publishKeys([...published.slice(0, 3), issuer.key.publicJwk]);
    expect(await verify(trust(issuer, { now }), token)).toBeDefined();
    issuer.publishKeys([...published, issuer.key.publicJwk]);
    await expect(verify(trust(issuer, { now }), token)).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
    });
  });
});
