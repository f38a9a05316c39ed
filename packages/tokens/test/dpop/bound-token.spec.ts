import { createDpopClient, createTestIssuer, type DpopClient, type TestIssuer } from '@portcullis/testing';
import { createDenyList, type Authentication, type Verifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Log } from '../revocation/log.ts';
import { trust, verify } from '../trust.ts';
import { MemoryStore } from './memory-store.ts';

const publicUrl = 'https://menu-api.example.com';

let issuer: TestIssuer;
let client: DpopClient;
beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' });
  client = await createDpopClient();
});
afterAll(() => issuer.stop());

async function present(verifier: Verifier, token: string): Promise<Authentication> {
  const proof = client.proof({ method: 'GET', url: `${publicUrl}/items`, token });
  return verifier.verify({ scheme: 'dpop', token, proof, method: 'GET', url: '/items' });
}

const bound = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
  issuer.accessToken({ ...claims, cnf: { jkt: client.jkt } });

describe('a token that is bound to a key', () => {
  it('is taken with a proof, and says what it is bound to', async () => {
    const verifier = trust(issuer, { dpop: { publicUrl, replayStore: new MemoryStore() } });
    expect((await present(verifier, await bound())).binding).toStrictEqual({ jkt: client.jkt });
  });

  it('is refused where nobody could check the proof, with a hint at the option', async () => {
    const token = await bound();
    for (const verdict of [present(trust(issuer), token), verify(trust(issuer), token)]) {
      await expect(verdict).rejects.toMatchObject({
        code: 'ERR_BINDING_REFUSED',
        hint: expect.stringContaining('"dpop"') as unknown,
      });
    }
  });

  it('is refused when it was revoked, with a good proof too', async () => {
    const log = new Log();
    const expiresAt = Math.floor(Date.now() / 1000) + 3600;
    log.denySilently({ issuer: issuer.issuer, by: 'token', value: 'revoked', expiresAt });
    const denyList = createDenyList({ source: log });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    const verifier = trust(issuer, { denyList, dpop: { publicUrl, replayStore: new MemoryStore() } });
    await expect(present(verifier, await bound({ jti: 'revoked' }))).rejects.toMatchObject({
      code: 'ERR_TOKEN_REVOKED',
    });
    expect(await present(verifier, await bound({ jti: 'good' }))).toMatchObject({ tokenId: 'good' });
  });

  it('is the only one taken where that is required', async () => {
    const replayStore = new MemoryStore();
    const [strict, lenient] = [true, false].map((required) =>
      trust(issuer, { dpop: { publicUrl, replayStore, required } }),
    );
    if (strict === undefined || lenient === undefined) expect.unreachable();
    const unbound = await issuer.accessToken();
    await expect(verify(strict, unbound)).rejects.toMatchObject({ code: 'ERR_BINDING_REFUSED' });
    expect(await verify(lenient, unbound)).toMatchObject({ subject: 'user|1' });
    expect(await present(strict, await bound())).toMatchObject({ subject: 'user|1' });
  });
});
