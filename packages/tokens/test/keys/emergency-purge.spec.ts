import { createTestIssuer, faults, type TestIssuer } from '@portcullis/testing';
import { TokenUntrusted, type Verifier } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';

async function started() {
  const issuer = await createTestIssuer({ algorithm: 'ES256' });
  onTestFinished(() => issuer.stop());
  let offset = 0;
  const verifier = trust(issuer, { now: () => Date.now() + offset });
  await verifier.ready();
  return { issuer, verifier, pass: (seconds: number) => void (offset += seconds * 1000) };
}

async function codeOf(verifier: Verifier, token: string): Promise<unknown> {
  return verify(verifier, token).then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

/** Resolves when the issuer has been asked for its keys this often. */
async function asked({ visits }: TestIssuer, times: number): Promise<void> {
  await expect.poll(() => visits.keys, { interval: 5 }).toBe(times);
}

describe('an emergency purge', () => {
  it('ends a withdrawn key at once, also for tokens that were verified before', async () => {
    const { issuer, verifier } = await started();
    const old = await issuer.accessToken();
    expect(await codeOf(verifier, old)).toBe('accepted');
    await issuer.rotateKeys();
    expect(await codeOf(verifier, old)).toBe('accepted');
    await verifier.reloadKeys();
    expect(await codeOf(verifier, old)).toBe('ERR_TOKEN_UNTRUSTED');
    expect(verifier.recall({ scheme: 'bearer', token: old })).toBeUndefined();
    expect(await codeOf(verifier, await issuer.accessToken())).toBe('accepted');
    expect(issuer.visits.keys).toBe(2);
  });

  it('leaves nothing that was verified before to be vouched for, until it comes again', async () => {
    const { issuer, verifier } = await started();
    const token = await issuer.accessToken();
    const known = await verify(verifier, token);
    expect(() => verifier.recheck(known)).not.toThrow();
    await verifier.reloadKeys();
    expect(() => verifier.recheck(known)).toThrow(TokenUntrusted);
    const again = await verify(verifier, token);
    expect(() => verifier.recheck(again)).not.toThrow();
  });

  it('leaves a key that is still published in use', async () => {
    const { issuer, verifier } = await started();
    const token = await issuer.accessToken();
    expect(await codeOf(verifier, token)).toBe('accepted');
    await verifier.reloadKeys();
    expect(await codeOf(verifier, token)).toBe('accepted');
    await issuer.rotateKeys({ keep: true });
    await verifier.reloadKeys();
    expect(await codeOf(verifier, token)).toBe('accepted');
    expect(await codeOf(verifier, await issuer.accessToken())).toBe('accepted');
  });

  it('reaches a key that was replaced under the same kid', async () => {
    const { issuer, verifier } = await started();
    const old = issuer.key;
    const token = await issuer.accessToken();
    expect(await codeOf(verifier, token)).toBe('accepted');
    await issuer.rotateKeys();
    issuer.publishKeys([{ ...issuer.key.publicJwk, kid: old.kid }]);
    await verifier.reloadKeys();
    expect(await codeOf(verifier, token)).toBe('ERR_SIGNATURE_INVALID');
    const renamed = await issuer.accessToken({}, { header: { kid: old.kid } });
    expect(await codeOf(verifier, renamed)).toBe('accepted');
  });

  it('lets whoever comes meanwhile wait for the new keys: nothing passes by the old ones', async () => {
    const { issuer, verifier } = await started();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.accessToken()));
    for (const token of tokens.slice(0, 10)) expect(await codeOf(verifier, token)).toBe('accepted');
    await issuer.rotateKeys();
    const fresh = await issuer.accessToken();
    issuer.answerKeysWith({ delay: 50 });
    const purged = verifier.reloadKeys();
    const codes = [...tokens, fresh].map((token) => codeOf(verifier, token));
    expect(await Promise.all(codes)).toEqual([...tokens.map(() => 'ERR_TOKEN_UNTRUSTED'), 'accepted']);
    await purged;
    expect(issuer.visits.keys).toBe(2);
  });

  it('while a fetch is under way does not let in what that one brings', async () => {
    const { issuer, verifier, pass } = await started();
    const old = await issuer.accessToken();
    pass(11);
    // What is read now is answered later: with the keys of now.
    issuer.answerKeysWith({ delay: 200 });
    const unknown = await issuer.accessToken({}, { header: { kid: 'unknown' } });
    const waiting = codeOf(verifier, unknown);
    await asked(issuer, 2);

    await issuer.rotateKeys();
    issuer.answerKeysWith(undefined);
    const fresh = await issuer.accessToken();
    const purged = verifier.reloadKeys();
    expect(await Promise.all([codeOf(verifier, old), codeOf(verifier, fresh)])).toEqual([
      'ERR_TOKEN_UNTRUSTED',
      'accepted',
    ]);
    await purged;
    expect(await waiting).toBe('ERR_TOKEN_UNTRUSTED');
    expect(await codeOf(verifier, old)).toBe('ERR_TOKEN_UNTRUSTED');
    expect(await codeOf(verifier, fresh)).toBe('accepted');
  });

  it('while the very first fetch is under way holds for those who wait for it', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => issuer.stop());
    issuer.answerKeysWith({ delay: 200 });
    const verifier = trust(issuer);
    const old = await issuer.accessToken();
    const waiting = codeOf(verifier, old);
    await asked(issuer, 1);
    await issuer.rotateKeys();
    issuer.answerKeysWith(undefined);
    await verifier.reloadKeys();
    expect(await waiting).toBe('ERR_TOKEN_UNTRUSTED');
    expect(verifier.isReady()).toBe(true);
    expect(await codeOf(verifier, await issuer.accessToken())).toBe('accepted');
  });

  it('does not wait for a fetch that hangs', async () => {
    const { issuer, verifier, pass } = await started();
    pass(11);
    issuer.answerKeysWith(faults.silent);
    const waiting = codeOf(verifier, await issuer.accessToken({}, { header: { kid: 'unknown' } }));
    await asked(issuer, 2);
    issuer.answerKeysWith(undefined);
    const before = performance.now();
    await verifier.reloadKeys();
    expect(performance.now() - before).toBeLessThan(1000);
    expect(await waiting).toBe('ERR_TOKEN_UNTRUSTED');
    expect(await codeOf(verifier, await issuer.accessToken())).toBe('accepted');
  });

  it('on top of another is one more fetch, and ends with the keys of the last', async () => {
    const { issuer, verifier } = await started();
    const first = await issuer.accessToken();
    issuer.answerKeysWith({ delay: 100 });
    const purges = [verifier.reloadKeys()];
    await asked(issuer, 2);
    await issuer.rotateKeys();
    issuer.answerKeysWith(undefined);
    purges.push(verifier.reloadKeys(), verifier.reloadKeys());
    await Promise.all(purges);
    expect(await codeOf(verifier, first)).toBe('ERR_TOKEN_UNTRUSTED');
    expect(await codeOf(verifier, await issuer.accessToken())).toBe('accepted');
    expect(issuer.visits.keys).toBeLessThanOrEqual(4);
  });

  it('while the issuer is down is 503 for all its tokens, until it is back', async () => {
    const { issuer, verifier, pass } = await started();
    const token = await issuer.accessToken();
    expect(await codeOf(verifier, token)).toBe('accepted');
    await issuer.pause();
    await verifier.reloadKeys(); // does not reject
    expect(await codeOf(verifier, token)).toBe('ERR_ISSUER_UNAVAILABLE');
    pass(37);
    expect(await codeOf(verifier, token)).toBe('ERR_ISSUER_UNAVAILABLE');
    await issuer.resume();
    pass(37);
    expect(await codeOf(verifier, token)).toBe('accepted');
    expect(verifier.isReady()).toBe(true);
  });

  it('finds keys that have moved', async () => {
    const { issuer, verifier } = await started();
    const moved = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => moved.stop());
    issuer.answerDiscoveryWith({ body: { issuer: issuer.issuer, jwks_uri: moved.jwksUri } });
    await verifier.reloadKeys();
    const token = await moved.accessToken({ iss: issuer.issuer });
    expect(await codeOf(verifier, token)).toBe('accepted');
    expect(await codeOf(verifier, await issuer.accessToken())).toBe('ERR_TOKEN_UNTRUSTED');
  });

  it('after the end of the verifier brings nothing back', async () => {
    const { issuer, verifier } = await started();
    const token = await issuer.accessToken();
    verifier.close();
    await verifier.reloadKeys();
    expect(await codeOf(verifier, token)).toBe('ERR_ISSUER_UNAVAILABLE');
    expect(issuer.visits.keys).toBe(1);
  });
});
