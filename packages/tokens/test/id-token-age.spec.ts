import { createTestIssuer } from '@portcullis/testing';
import { expect, it, onTestFinished } from 'vitest';
import { trust, verify } from './trust.ts';

it('an ID token that was seen before is no longer accepted once it is ten minutes old', async () => {
  let offset = 0;
  const issuer = await createTestIssuer({ algorithm: 'ES256' });
  onTestFinished(() => issuer.stop());
  const verifier = trust(issuer, { firstPartyIdTokens: 'test-client', now: () => Date.now() + offset });
  const iat = Math.floor(Date.now() / 1000);
  const token = await issuer.idToken({ iat, exp: iat + 3600 });
  offset = 590_000;
  expect(await verify(verifier, token)).toMatchObject({ tokenKind: 'id_token', expiresAt: iat + 600 });
  offset = 610_000;
  await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_EXPIRED' });
});
