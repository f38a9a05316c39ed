import { createTestIssuer, createTestKey } from '@portcullis/testing';
import { createVerifier, type IssuerResolver, type VerifierOptions } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';

/** Two issuers whose keys go by the same name, and a token of either under the key of the other. */
async function twins(trusted: (issuers: readonly string[]) => VerifierOptions['issuer']) {
  const [one, other] = [
    await createTestIssuer({ algorithm: 'ES256' }),
    await createTestIssuer({ algorithm: 'ES256' }),
  ];
  onTestFinished(async () => void (await Promise.all([one.stop(), other.stop()])));
  const twin = await createTestKey('ES256', { kid: one.key.kid });
  other.publishKeys([twin.publicJwk]);
  const verifier = createVerifier({ issuer: trusted([one.issuer, other.issuer]), audience: one.audience });
  onTestFinished(() => verifier.close());
  return { one, other, twin, verifier };
}

const resolver =
  (issuers: readonly string[]): IssuerResolver =>
  (issuer) =>
    issuers.includes(issuer) ? { issuer } : undefined;

describe.each<[string, (issuers: readonly string[]) => VerifierOptions['issuer']]>([
  ['listed', (issuers) => issuers],
  ['that a function answers for', resolver],
])('two issuers %s, whose keys have the same kid', (_how, trusted) => {
  it('each sign for themselves, in whatever order they come', async () => {
    const { one, other, twin, verifier } = await twins(trusted);
    for (let time = 0; time < 2; time++) {
      expect(await verify(verifier, await one.accessToken())).toMatchObject({ issuer: one.issuer });
      expect(await verify(verifier, await other.accessToken({}, { key: twin }))).toMatchObject({
        issuer: other.issuer,
      });
    }
  });

  it('sign for nobody else, before and after the other’s keys were seen', async () => {
    const { one, other, twin, verifier } = await twins(trusted);
    const crossed = [
      await one.accessToken({ iss: other.issuer }),
      await other.accessToken({ iss: one.issuer }, { key: twin }),
    ];
    const good = [await one.accessToken(), await other.accessToken({}, { key: twin })];
    for (let time = 0; time < 2; time++) {
      for (const token of crossed) {
        await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
      }
      for (const token of good) expect(await verify(verifier, token)).toBeDefined();
    }
  });

  it('withdraw it each for themselves', async () => {
    const { one, other, twin, verifier } = await twins(trusted);
    const [ofOne, ofOther] = [await one.accessToken(), await other.accessToken({}, { key: twin })];
    expect(await verify(verifier, ofOne)).toBeDefined();
    expect(await verify(verifier, ofOther)).toBeDefined();
    await one.rotateKeys();
    await verifier.reloadKeys();
    await expect(verify(verifier, ofOne)).rejects.toMatchObject({ code: 'ERR_TOKEN_UNTRUSTED' });
    expect(await verify(verifier, ofOther)).toBeDefined();
  });
});
