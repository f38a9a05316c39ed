import { createTestIssuer, createTestKey, spoiled, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type Verifier } from '@portcullis/tokens';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';

const SECOND = 1000;
let offset = 0;
const now = (): number => Date.now() + offset;
const pass = (milliseconds: number): void => void (offset += milliseconds);
beforeEach(() => void (offset = 0));

const hour = (): { exp: number } => ({ exp: Math.floor(now() / SECOND) + 7200 });

async function started(): Promise<TestIssuer> {
  const issuer = await createTestIssuer({ algorithm: 'ES256' });
  onTestFinished(() => issuer.stop());
  return issuer;
}

const codeOf = (verifier: Verifier, token: string): Promise<string> =>
  verify(verifier, token).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );

describe('CVE-2025-59936', () => {
  it('a key of one issuer does not sign for another, though both call it by the same kid', async () => {
    const [one, other] = [await started(), await started()];
    const twin = await createTestKey('ES256', { kid: one.key.kid });
    other.publishKeys([twin.publicJwk]);
    const verifier = createVerifier({ issuer: [one.issuer, other.issuer], audience: one.audience });
    onTestFinished(() => verifier.close());
    await verifier.ready();
    for (let round = 0; round < 2; round++) {
      expect(await codeOf(verifier, await one.accessToken())).toBe('accepted');
      expect(await codeOf(verifier, await other.accessToken({}, { key: twin }))).toBe('accepted');
      expect(await codeOf(verifier, await one.accessToken({ iss: other.issuer }))).toBe(
        'ERR_SIGNATURE_INVALID',
      );
      expect(await codeOf(verifier, await one.accessToken({}, { key: twin }))).toBe('ERR_SIGNATURE_INVALID');
    }
    // Nor a kid that only the other has, nor a token that names none.
    const third = await createTestKey('ES256');
    other.publishKeys([twin.publicJwk, third.publicJwk]);
    const fresh = createVerifier({ issuer: [one.issuer, other.issuer], audience: one.audience });
    onTestFinished(() => fresh.close());
    await fresh.ready();
    expect(await codeOf(fresh, await other.accessToken({}, { key: third }))).toBe('accepted');
    expect(await codeOf(fresh, await one.accessToken({}, { key: third }))).toBe('ERR_TOKEN_UNTRUSTED');
    const unnamed = await one.accessToken({}, { key: third, header: { kid: undefined } });
    expect(await codeOf(fresh, unnamed)).toBe('ERR_SIGNATURE_INVALID');
  });
});

describe("Clerk's cache by kid", () => {
  it('two verifiers of one process share no key, however the issuers call theirs', async () => {
    const [one, other] = [await started(), await started()];
    const twin = await createTestKey('ES256', { kid: one.key.kid });
    other.publishKeys([twin.publicJwk]);
    const ofOne = trust(one);
    const ofOther = trust(other);
    expect(await codeOf(ofOne, await one.accessToken())).toBe('accepted');
    expect(await codeOf(ofOther, await other.accessToken({}, { key: twin }))).toBe('accepted');
    expect(await codeOf(ofOther, await other.accessToken({}, { key: one.key }))).toBe(
      'ERR_SIGNATURE_INVALID',
    );
    expect(await codeOf(ofOne, await one.accessToken({}, { key: twin }))).toBe('ERR_SIGNATURE_INVALID');

    // One issuer, and two places of its keys.
    const elsewhere = trust(one, { jwksUri: other.jwksUri });
    expect(await codeOf(elsewhere, await one.accessToken({}, { key: twin }))).toBe('accepted');
    expect(await codeOf(elsewhere, await one.accessToken())).toBe('ERR_SIGNATURE_INVALID');
    expect(await codeOf(ofOne, await one.accessToken())).toBe('accepted');
  });
});

describe('GHSA-675f-rq2r-jw82, get-jwks staleCache, Spring #5853', () => {
  it('a key that was withdrawn ends within the age of the cache, though traffic never pauses', async () => {
    const issuer = await started();
    const verifier = trust(issuer, { now });
    await verifier.ready();
    const old = await issuer.accessToken(hour());
    expect(await codeOf(verifier, old)).toBe('accepted');
    await issuer.rotateKeys();
    let refusedAt: number | undefined;
    for (let age = 0; age <= 660 && refusedAt === undefined; age += 15) {
      pass(15 * SECOND);
      for (let call = 0; call < 3; call++) await codeOf(verifier, old);
      await new Promise((resolve) => setTimeout(resolve, 20));
      if ((await codeOf(verifier, old)) !== 'accepted') refusedAt = age + 15;
    }
    expect(refusedAt).toBeLessThanOrEqual(630);
    expect(await codeOf(verifier, old)).toBe('ERR_TOKEN_UNTRUSTED');
    expect(await codeOf(verifier, await issuer.accessToken(hour()))).toBe('accepted');
  });

  it('a key that was withdrawn ends at once with the next set, whatever was verified with it before', async () => {
    const issuer = await started();
    const verifier = trust(issuer, { now });
    const old = await issuer.accessToken(hour());
    for (let time = 0; time < 5; time++) expect(await codeOf(verifier, old)).toBe('accepted');
    await issuer.rotateKeys();
    pass(11 * SECOND);
    expect(await codeOf(verifier, await issuer.accessToken(hour()))).toBe('accepted');
    expect(await codeOf(verifier, old)).toBe('ERR_TOKEN_UNTRUSTED');
  });

  it('the same kid with a new key behind it does not keep the old one alive', async () => {
    const issuer = await started();
    const verifier = trust(issuer, { now });
    const old = await issuer.accessToken(hour());
    expect(await codeOf(verifier, old)).toBe('accepted');
    const successor = await createTestKey('ES256', { kid: issuer.key.kid });
    const trigger = await createTestKey('ES256');
    issuer.publishKeys([successor.publicJwk, trigger.publicJwk]);
    pass(11 * SECOND);
    expect(await codeOf(verifier, await issuer.accessToken(hour(), { key: trigger }))).toBe('accepted');
    expect(await codeOf(verifier, await issuer.accessToken(hour(), { key: successor }))).toBe('accepted');
    expect(await codeOf(verifier, old)).toBe('ERR_SIGNATURE_INVALID');
  });
});

describe('CVE-2026-48524', () => {
  it('10,000 random kids cost one fetch a cooldown and wipe nothing: good tokens go on', async () => {
    const issuer = await started();
    const verifier = trust(issuer, { now });
    await verifier.ready();
    const good = await issuer.accessToken(hour());
    expect(await codeOf(verifier, good)).toBe('accepted');
    const flood = async (count: number): Promise<ReadonlySet<string>> => {
      const codes = new Set<string>();
      for (let sent = 0; sent < count; sent += 100) {
        const some = Array.from({ length: 100 }, (_, index) =>
          codeOf(verifier, spoiled.header(good, { kid: `random-${sent + index}-${Math.random()}` })),
        );
        for (const code of await Promise.all(some)) codes.add(code);
        expect(await codeOf(verifier, good)).toBe('accepted');
      }
      return codes;
    };
    expect(issuer.visits.keys).toBe(1);
    expect(await flood(5000)).toEqual(new Set(['ERR_TOKEN_UNTRUSTED']));
    expect(issuer.visits.keys).toBe(1); // within the cooldown of the first load
    pass(11 * SECOND);
    expect(await flood(5000)).toEqual(new Set(['ERR_TOKEN_UNTRUSTED']));
    expect(issuer.visits.keys).toBe(2);
  });
});

describe('get-jwks, measured', () => {
  it('a place of keys that never answers is given up at the deadline, and is nobody else’s fault', async () => {
    const issuer = await started();
    issuer.answerKeysWith(() => undefined);
    const verifier = trust(issuer, { requestTimeout: 200 });
    const start = performance.now();
    expect(await codeOf(verifier, await issuer.accessToken())).toBe('ERR_ISSUER_UNAVAILABLE');
    expect(performance.now() - start).toBeLessThan(2000);
    issuer.answerKeysWith(undefined);
    const patient = trust(issuer, { requestTimeout: 2000 });
    expect(await codeOf(patient, await issuer.accessToken())).toBe('accepted');
  });
});
