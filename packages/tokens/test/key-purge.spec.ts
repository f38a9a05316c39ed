import { createTestIssuer } from '@portcullis/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from './trust.ts';

async function started() {
  let offset = 0;
  const issuer = await createTestIssuer({ algorithm: 'ES256' });
  onTestFinished(() => issuer.stop());
  const verifier = trust(issuer, { now: () => Date.now() + offset });
  return { issuer, verifier, pass: (milliseconds: number) => void (offset += milliseconds) };
}

describe('an emergency at the issuer', () => {
  it('is not undone by a fetch that was under way when it was declared', async () => {
    const { issuer, verifier, pass } = await started();
    await verifier.ready();
    const stolen = await issuer.accessToken();
    expect(await verify(verifier, stolen)).toBeDefined();
    pass(11_000);
    // What the withdrawn key is still in arrives only after the withdrawal.
    issuer.answerKeysWith({ body: { keys: [issuer.key.publicJwk] }, delay: 300 });
    const unknown = await issuer.accessToken({}, { header: { kid: 'unknown' } });
    const asking = verify(verifier, unknown).catch((error: unknown) => error);
    await expect.poll(() => issuer.visits.keys).toBe(2);
    issuer.answerKeysWith(undefined);
    await issuer.rotateKeys();
    const reloaded = verifier.reloadKeys();
    await expect(verify(verifier, stolen)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    await reloaded;
    expect(await asking).toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    await expect(verify(verifier, stolen)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    expect(issuer.visits.keys).toBe(3);
  });

  it('declared the moment the first set has come fetches another', async () => {
    const { issuer, verifier } = await started();
    await verifier.ready();
    await verifier.reloadKeys();
    expect(issuer.visits.keys).toBe(2);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
  });

  it('does not wait for a fetch that hangs', async () => {
    const { issuer, verifier, pass } = await started();
    await verifier.ready();
    pass(11_000);
    issuer.answerKeysWith(() => undefined);
    const asking = issuer
      .accessToken({}, { header: { kid: 'unknown' } })
      .then((token) => verify(verifier, token));
    const refused = asking.catch((error: unknown) => error);
    await expect.poll(() => issuer.visits.keys).toBe(2);
    issuer.answerKeysWith(undefined);
    const before = performance.now();
    await verifier.reloadKeys();
    expect(performance.now() - before).toBeLessThan(2000);
    expect(await refused).toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
  });
});
