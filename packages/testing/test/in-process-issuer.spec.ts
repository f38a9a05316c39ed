import { createInProcessIssuer, spoiled } from '@portcullis/testing';
import { createVerifier } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';

async function trusted(options: Parameters<typeof createInProcessIssuer>[0] = {}) {
  const own = await createInProcessIssuer(options);
  const { issuer, audience, jwks } = own;
  const verifier = createVerifier({ issuer, audience, jwks });
  onTestFinished(() => verifier.close());
  return { own, verify: async (token: string) => verifier.verify({ scheme: 'bearer', token }) };
}

describe('an issuer in process', () => {
  it.each(['ES256', 'RS256', 'EdDSA'] as const)('mints with real keys: %s', async (algorithm) => {
    const { own, verify } = await trusted({ algorithm });
    const good = await own.accessToken({ sub: 'user|7', permissions: ['create:items'] });
    await expect(verify(good)).resolves.toMatchObject({ subject: 'user|7', issuer: own.issuer });
    await expect(verify(spoiled.signature(good))).rejects.toMatchObject({ code: 'ERR_SIGNATURE_INVALID' });
  });

  it('has the names that it is given', async () => {
    const names = { issuer: 'https://tenant.example/', audience: 'https://menu.example' };
    const { own, verify } = await trusted(names);
    expect(own).toMatchObject(names);
    await expect(verify(await own.accessToken())).resolves.toMatchObject({ issuer: names.issuer });
  });

  it('hands over its public key alone', async () => {
    const { own } = await trusted();
    expect(own.jwks.keys).toEqual([expect.not.objectContaining({ d: expect.anything() })]);
  });

  it('mints ID tokens, which are no credentials', async () => {
    const { own, verify } = await trusted();
    await expect(verify(await own.idToken())).rejects.toMatchObject({ code: 'ERR_TOKEN_KIND_REFUSED' });
  });
});
