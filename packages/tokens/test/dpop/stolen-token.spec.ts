import { createTestKey } from '@portcullis/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTrial, invalid, token, type Trial } from './trial.ts';

let trial: Trial;
beforeEach(async () => void (trial = await createTrial()));

describe('a stolen token', () => {
  it('is no use without the key', async () => {
    const thief = await createTestKey('ES256');
    await expect(trial.check(trial.proof({ key: thief }))).rejects.toThrow(/another key/);
    await expect(
      trial.check(trial.proof({ key: thief, header: { jwk: trial.key.publicJwk } })),
    ).rejects.toThrow(/signature/);
    await expect(trial.check(undefined)).rejects.toMatchObject(invalid);
    await expect(trial.check(token)).rejects.toMatchObject(invalid);
    await expect(trial.check(trial.proof())).resolves.toBeUndefined();
  });

  it('is no use with the key of another kind, or nearly the thumbprint', async () => {
    const other = await createTestKey('Ed25519');
    await expect(trial.check(trial.proof({ key: other }))).rejects.toMatchObject(invalid);
    for (const bound of ['', trial.jkt.slice(1), `${trial.jkt}=`, trial.jkt.toLowerCase(), `${trial.jkt}A`]) {
      await expect(
        trial.dpop.check(
          { scheme: 'dpop', token, method: 'GET', url: '/items', proof: trial.proof() },
          bound,
        ),
      ).rejects.toMatchObject(invalid);
    }
  });

  it('is no use with a proof for another token of the same client', async () => {
    await expect(trial.check(trial.proof(), { token: `${token}2` })).rejects.toMatchObject(invalid);
    await expect(trial.check(trial.proof(), { token })).resolves.toBeUndefined();
  });
});

describe('a stolen proof', () => {
  it('is no use with another method', async () => {
    const proof = trial.proof();
    for (const method of ['POST', 'DELETE', 'get', 'HEAD', '']) {
      await expect(trial.check(proof, { method })).rejects.toMatchObject(invalid);
    }
    await expect(trial.check(proof, { method: 'GET' })).resolves.toBeUndefined();
  });

  it('is no use without a method to compare', async () => {
    const request = { scheme: 'dpop', token, url: '/items' } as const;
    for (const claims of [{}, { htm: undefined }]) {
      const proof = trial.proof({ claims });
      await expect(trial.dpop.check({ ...request, proof }, trial.jkt)).rejects.toMatchObject(invalid);
    }
  });

  it('is no use at another URL', async () => {
    const proof = trial.proof();
    await expect(trial.check(proof, { url: '/items/1' })).rejects.toMatchObject(invalid);
    await expect(trial.check(proof, { url: '/ITEMS' })).rejects.toMatchObject(invalid);
    await expect(trial.check(proof, { url: '/items' })).resolves.toBeUndefined();
  });

  it('is no use five minutes later', async () => {
    const proof = trial.proof();
    trial.clock.seconds += 300;
    await expect(trial.check(proof)).rejects.toThrow(/too old/);
    await expect(trial.check(trial.proof())).resolves.toBeUndefined();
  });

  it('is no use before its time', async () => {
    const proof = trial.proof({ claims: { iat: trial.clock.seconds + 3600 } });
    await expect(trial.check(proof)).rejects.toThrow(/future/);
    trial.clock.seconds += 3600;
    await expect(trial.check(proof)).resolves.toBeUndefined();
  });

  it('lives as long as the options say', async () => {
    const long = await createTrial({ proofLifetime: 300, clockTolerance: 0 });
    const proof = long.proof();
    long.clock.seconds += 300;
    await expect(long.check(proof)).resolves.toBeUndefined();
    const another = long.proof();
    long.clock.seconds += 301;
    await expect(long.check(another)).rejects.toMatchObject(invalid);
  });
});
