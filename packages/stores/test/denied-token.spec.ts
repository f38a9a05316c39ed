import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createDenyList, createVerifier, type Revocation, type RevokedBy } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { memoryRevocations, type MemoryRevocations } from '../src/index.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const names = {
  jti: 'the-token',
  sid: 'the-session',
  gid: 'the-grant',
  sub: 'the-subject',
  client_id: 'the-client',
};
const revokedBy: readonly (readonly [RevokedBy, string])[] = [
  ['token', names.jti],
  ['session', names.sid],
  ['grant', names.gid],
  ['subject', names.sub],
  ['client', names.client_id],
];

const revoked = (by: RevokedBy, value: string): Revocation => ({
  issuer: issuer.issuer,
  by,
  value,
  expiresAt: Date.now() / 1000 + 3600,
});

/** A node of an API that follows these revocations. */
async function node(source: MemoryRevocations) {
  const denyList = createDenyList({ source, interval: 15 }); // by wakes alone, or the test takes too long
  const verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience, denyList });
  onTestFinished(() => {
    verifier.close();
    denyList.close();
  });
  await verifier.ready();
  return async (token: string): Promise<string> => {
    try {
      await verifier.verify({ scheme: 'bearer', token });
      return 'good';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    }
  };
}

describe('revocations in memory', () => {
  it.each(revokedBy)(
    'by %s deny the token on every node within a second, and no other',
    async (by, value) => {
      const source = memoryRevocations();
      const nodes = [await node(source), await node(source)];
      const token = await issuer.accessToken(names);
      const other = await issuer.accessToken({
        jti: 'other-token',
        sid: 'other-session',
        gid: 'other-grant',
        sub: 'other-subject',
        client_id: 'other-client',
      });
      for (const verify of nodes) expect(await verify(token)).toBe('good');
      source.deny(revoked(by, value));
      for (const verify of nodes) {
        await expect.poll(() => verify(token), { timeout: 1000 }).toBe('ERR_TOKEN_REVOKED');
        expect(await verify(other)).toBe('good');
      }
      const late = await node(source); // from a snapshot
      expect([await late(token), await late(other)]).toEqual(['ERR_TOKEN_REVOKED', 'good']);
    },
  );

  it('that come one upon the other are all heard', async () => {
    const source = memoryRevocations();
    const verify = await node(source);
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, number) => issuer.accessToken({ jti: `token-${number}` })),
    );
    for (const [number] of tokens.entries()) {
      source.deny(revoked('token', `token-${number}`));
      if (number % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const token of tokens) await expect.poll(() => verify(token)).toBe('ERR_TOKEN_REVOKED');
    expect(await verify(await issuer.accessToken({ jti: 'token-50' }))).toBe('good');
  });
});
