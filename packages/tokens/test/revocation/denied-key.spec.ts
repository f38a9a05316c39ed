import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createDenyList, TokenRevoked } from '@portcullis/tokens';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';
import { Log } from './log.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

it('a revoked key vouches for nothing, seen before or not, though it is published still', async () => {
  const [seen, unseen] = [await issuer.accessToken(), await issuer.accessToken()];
  const withdrawn = String(decodeProtectedHeader(seen).kid);
  await issuer.rotateKeys({ keep: true });
  const next = await issuer.accessToken();

  const log = new Log();
  const denyList = createDenyList({ source: log });
  onTestFinished(() => denyList.close());
  await denyList.ready();
  const verifier = trust(issuer, { denyList });
  const open = await verify(verifier, seen);
  log.deny({ issuer: issuer.issuer, by: 'key', value: withdrawn, expiresAt: Date.now() / 1000 + 600 });
  await expect.poll(() => denyList.size).toBe(1);
  for (const token of [seen, unseen, seen])
    await expect(verify(verifier, token)).rejects.toThrow(TokenRevoked);
  expect(() => verifier.recheck(open)).toThrow(TokenRevoked);
  expect(await verify(verifier, next)).toMatchObject({ issuer: issuer.issuer });
});
