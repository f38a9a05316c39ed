import { signRaw, spoiled } from '@portcullis/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTrial, invalid, token, type Trial } from './trial.ts';

let trial: Trial;
beforeAll(async () => void (trial = await createTrial()));

const now = 1_800_000_000;

describe('the claims of a proof', () => {
  it.each<[string, unknown]>([
    ['htm', undefined],
    ['htm', null],
    ['htm', ''],
    ['htm', 'get'],
    ['htm', 'GET '],
    ['htm', 'HEAD'],
    ['htm', ['GET']],
    ['htu', undefined],
    ['htu', null],
    ['htu', ''],
    ['htu', ['https://menu-api.example.com/items']],
    ['iat', undefined],
    ['iat', null],
    ['iat', String(now)],
    ['iat', now * 1000],
    ['iat', -1],
    ['iat', 0],
    ['iat', now - 66],
    ['iat', now - 65.001],
    ['iat', now + 5.001],
    ['iat', now + 6],
    ['jti', undefined],
    ['jti', null],
    ['jti', ''],
    ['jti', 7],
    ['jti', ['a']],
    ['jti', 'j'.repeat(257)],
    ['ath', undefined],
    ['ath', null],
    ['ath', ''],
    ['ath', 7],
    ['ath', token],
  ])('are refused with %s %j', async (claim, value) => {
    await expect(trial.check(trial.proof({ claims: { [claim]: value } }))).rejects.toMatchObject(invalid);
  });

  it('are refused with an iat beyond all numbers', async () => {
    // JSON can say what JSON.stringify does not.
    const [header = '', payload = ''] = trial
      .proof()
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString());
    for (const iat of ['1e999', '-1e999']) {
      const proof = signRaw(header, payload.replace(String(now), iat), trial.key);
      await expect(trial.check(proof)).rejects.toMatchObject(invalid);
    }
  });

  it.each<[string, unknown]>([
    ['iat', now - 65],
    ['iat', now - 0.5],
    ['iat', now + 5],
    ['jti', 'j'],
    ['jti', 'j'.repeat(256)],
    ['jti', '__proto__'],
    ['jti', 'ü ☃ "\\'],
    ['exp', 1],
    ['nbf', now + 9999],
    ['nonce', 'nobody asked for it'],
    ['aud', 'somebody else'],
  ])('are good with %s %j', async (claim, value) => {
    await expect(trial.check(trial.proof({ claims: { [claim]: value } }))).resolves.toBeUndefined();
  });

  it('are judged by the time when the signature has verified', async () => {
    const own = await createTrial();
    const pending = own.check(own.proof());
    own.clock.seconds += 66; // while the thread pool is busy
    await expect(pending).rejects.toMatchObject(invalid);
  });

  it('are not read before the signature has verified', async () => {
    for (const claims of [
      { htm: 'PUT' },
      { htu: 'https://x.example/' },
      { iat: 1 },
      { ath: 'A' },
      { jti: 1 },
    ]) {
      await expect(trial.check(spoiled.signature(trial.proof({ claims })))).rejects.toThrow(/signature/);
    }
  });
});
