import { createTestIssuer, createTestKey, spoiled, type TestIssuer } from '@portcullis/testing';
import {
  createDenyList,
  type Authentication,
  type DenyList,
  type Revocation,
  type RevocationSource,
} from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';
import { bigEndian, integer } from '../vectors/forgery.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const later = (): number => Math.floor(Date.now() / 1000) + 3600;

function snapshotOf(...revocations: readonly Revocation[]): RevocationSource {
  return {
    read: async () => ({ position: { incarnation: 'one', number: 1 }, snapshot: true, revocations }),
  };
}

function following(source: RevocationSource): DenyList {
  const denyList = createDenyList({ source });
  onTestFinished(() => denyList.close());
  return denyList;
}

describe('express-jwt #100, #103', () => {
  it('the deny-list is never asked about a token that has not verified', async () => {
    const asked: Authentication[] = [];
    const denyList: DenyList = {
      check: (authentication) => void asked.push(authentication),
      ready: async () => undefined,
      isReady: () => true,
      size: 0,
      close: () => undefined,
    };
    const verifier = trust(issuer, { denyList });
    const good = await issuer.accessToken();
    const stranger = await createTestKey('ES256', { kid: issuer.key.kid });
    const failing = [
      spoiled.signature(good),
      spoiled.unsigned(good),
      spoiled.none(good),
      spoiled.claims(good, { jti: 'chosen' }),
      await issuer.accessToken({ jti: 'chosen' }, { key: stranger }),
      await issuer.accessToken({ aud: 'https://other.example' }),
      await issuer.accessToken({ exp: 1 }),
      await issuer.accessToken({ iss: 'https://evil.example/' }),
      'a.b.c',
      '',
    ];
    for (const token of failing) {
      await expect(verify(verifier, token)).rejects.toMatchObject({ error: 'invalid_token' });
    }
    expect(asked).toEqual([]);
    await verify(verifier, good);
    await verify(verifier, good); // remembered, and asked about all the same
    expect(asked.map(({ subject }) => subject)).toEqual(['user|1', 'user|1']);
  });

  it.each<[string, RevocationSource]>([
    ['throws', { read: () => Promise.reject(new Error('down')) }],
    [
      'throws at once',
      {
        read: () => {
          throw new Error('down');
        },
      },
    ],
    ['hangs', { read: () => new Promise(() => undefined) }],
  ])('a source that %s lets nobody in and is not the caller’s fault', async (_name, source) => {
    const token = await issuer.accessToken();
    const answering = following(snapshotOf());
    await answering.ready();
    expect(await verify(trust(issuer, { denyList: answering }), token)).toMatchObject({ subject: 'user|1' });
    const verifier = trust(issuer, { denyList: following(source) });
    for (let round = 0; round < 2; round++) {
      await expect(verify(verifier, token)).rejects.toMatchObject({
        code: 'ERR_REVOCATION_UNKNOWN',
        retryAfter: expect.any(Number),
      });
    }
    expect(verifier.isReady()).toBe(false);
  });

  it('a check that throws lets nobody in either', async () => {
    const token = await issuer.accessToken();
    const open: DenyList = {
      check: () => undefined,
      ready: async () => undefined,
      isReady: () => true,
      size: 0,
      close: () => undefined,
    };
    expect(await verify(trust(issuer, { denyList: open }), token)).toBeDefined();
    const throwing = trust(issuer, {
      denyList: {
        ...open,
        check: () => {
          throw new Error('down');
        },
      },
    });
    await expect(verify(throwing, token)).rejects.toThrow('down');
    await expect(verify(throwing, token)).rejects.toThrow('down');
  });
});

describe('a revoked token', () => {
  it('has no second spelling that is not revoked: it is known by its jti', async () => {
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const revoked: Revocation = { issuer: issuer.issuer, by: 'token', value: 'gone', expiresAt: later() };
    const denyList = following(snapshotOf(revoked));
    await denyList.ready();
    const verifier = trust(issuer, { denyList });
    const twin = (token: string): string => {
      const at = token.lastIndexOf('.') + 1;
      const signature = Buffer.from(token.slice(at), 'base64url');
      const s = bigEndian(n - integer(signature.subarray(32)), 32);
      return token.slice(0, at) + Buffer.concat([signature.subarray(0, 32), s]).toString('base64url');
    };
    const kept = await issuer.accessToken({ jti: 'kept' });
    expect(await verify(verifier, kept)).toBeDefined();
    expect(await verify(verifier, twin(kept))).toBeDefined();
    const gone = await issuer.accessToken({ jti: 'gone' });
    for (const token of [gone, twin(gone), gone]) {
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_REVOKED' });
    }
  });

  it('of one issuer revokes nothing of another', async () => {
    const revoked = { by: 'token', value: 'same', expiresAt: later() } as const;
    const token = await issuer.accessToken({ jti: 'same' });
    const own = following(snapshotOf({ issuer: issuer.issuer, ...revoked }));
    const foreign = following(snapshotOf({ issuer: 'https://other.example/', ...revoked }));
    await Promise.all([own.ready(), foreign.ready()]);
    await expect(verify(trust(issuer, { denyList: own }), token)).rejects.toMatchObject({
      code: 'ERR_TOKEN_REVOKED',
    });
    expect(await verify(trust(issuer, { denyList: foreign }), token)).toBeDefined();
  });
});
