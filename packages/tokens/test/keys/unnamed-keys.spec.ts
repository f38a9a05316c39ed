import { createTestIssuer, createTestKey, type TestKey } from '@portcullis/testing';
import type { Verifier } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';

/** An issuer whose keys have no name, and whose tokens name none. */
async function started() {
  const issuer = await createTestIssuer({ algorithm: 'ES256' });
  onTestFinished(() => issuer.stop());
  const publish = (...keys: readonly TestKey[]): void =>
    issuer.publishKeys(keys.map(({ publicJwk: { kid: _kid, ...jwk } }) => jwk));
  publish(issuer.key);
  let offset = 0;
  const verifier = trust(issuer, { now: () => Date.now() + offset });
  await verifier.ready();
  return {
    issuer,
    verifier,
    publish,
    pass: (seconds: number) => void (offset += seconds * 1000),
    token: (key = issuer.key) => issuer.accessToken({}, { key, header: { kid: undefined } }),
  };
}

async function codeOf(verifier: Verifier, token: string): Promise<unknown> {
  return verify(verifier, token).then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

describe('an issuer that rotates and does not name its keys', () => {
  it('costs one fetch, after the cooldown: the new key is accepted, the withdrawn one refused', async () => {
    const { issuer, verifier, publish, pass, token } = await started();
    const old = await token();
    expect(await codeOf(verifier, old)).toBe('accepted');
    const next = await createTestKey('ES256');
    publish(next);
    pass(11);
    expect(await codeOf(verifier, await token(next))).toBe('accepted');
    expect(issuer.visits.keys).toBe(2);
    expect(await codeOf(verifier, old)).toBe('ERR_SIGNATURE_INVALID');
    expect(issuer.visits.keys).toBe(2);
  });

  it('is not asked within the cooldown, and is after it', async () => {
    const { issuer, verifier, publish, pass, token } = await started();
    const next = await createTestKey('ES256');
    publish(next);
    expect(await codeOf(verifier, await token(next))).toBe('ERR_SIGNATURE_INVALID');
    pass(9);
    expect(await codeOf(verifier, await token(next))).toBe('ERR_SIGNATURE_INVALID');
    expect(issuer.visits.keys).toBe(1);
    pass(2);
    expect(await codeOf(verifier, await token(next))).toBe('accepted');
    expect(issuer.visits.keys).toBe(2);
  });

  it('is asked once for many tokens at the same time', async () => {
    const { issuer, verifier, publish, pass, token } = await started();
    const next = await createTestKey('ES256');
    publish(next);
    pass(11);
    issuer.answerKeysWith({ delay: 50 });
    const tokens = await Promise.all(Array.from({ length: 20 }, () => token(next)));
    const codes = await Promise.all(tokens.map((one) => codeOf(verifier, one)));
    expect(new Set(codes)).toEqual(new Set(['accepted']));
    expect(issuer.visits.keys).toBe(2);
  });

  it('that cannot be asked is 503 for a token that no known key has signed, and for no other', async () => {
    const { issuer, verifier, pass, token } = await started();
    const [good, unseen] = [await token(), await token()];
    expect(await codeOf(verifier, good)).toBe('accepted');
    issuer.answerKeysWith({ status: 500 });
    pass(11);
    const next = await createTestKey('ES256');
    // While it fails it is not asked each time, and the token may still be good.
    for (let time = 0; time < 3; time++) {
      expect(await codeOf(verifier, await token(next))).toBe('ERR_ISSUER_UNAVAILABLE');
    }
    expect(issuer.visits.keys).toBe(2);
    expect(await codeOf(verifier, good)).toBe('accepted');
    expect(await codeOf(verifier, unseen)).toBe('accepted');
  });
});

describe('a flood of forged tokens that name no key', () => {
  it('costs one fetch per cooldown, and good tokens go on meanwhile', async () => {
    const { issuer, verifier, pass, token } = await started();
    const [good, unseen] = [await token(), await token()];
    expect(await codeOf(verifier, good)).toBe('accepted');
    const stranger = await createTestKey('ES256');
    const junk = await Promise.all(Array.from({ length: 100 }, () => token(stranger)));
    const flood = async (): Promise<Set<unknown>> =>
      new Set(await Promise.all(junk.map((one) => codeOf(verifier, one))));

    expect(await flood()).toEqual(new Set(['ERR_SIGNATURE_INVALID']));
    expect(issuer.visits.keys).toBe(1);
    issuer.answerKeysWith({ delay: 300 });
    for (const visits of [2, 3]) {
      pass(11);
      const flooded = flood();
      await expect.poll(() => issuer.visits.keys, { interval: 5 }).toBe(visits);
      const before = performance.now();
      expect(await codeOf(verifier, good)).toBe('accepted');
      expect(await codeOf(verifier, visits === 2 ? unseen : await token())).toBe('accepted');
      expect(performance.now() - before).toBeLessThan(200);
      expect(await flooded).toEqual(new Set(['ERR_SIGNATURE_INVALID']));
      expect(await flood()).toEqual(new Set(['ERR_SIGNATURE_INVALID']));
      expect(issuer.visits.keys).toBe(visits);
    }
  });
});
