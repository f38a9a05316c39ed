import { spoiled, createTestKey } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { Nonces } from '../../src/dpop/nonces.ts';
import { createTrial, invalid, type Trial } from './trial.ts';

const secret = 'a secret of thirty-two bytes, ok';

async function present(trial: Trial, nonce: unknown): Promise<void> {
  await trial.check(trial.proof({ claims: { nonce } }));
}

describe('a nonce', () => {
  it('is not demanded unless the options say so', async () => {
    const trial = await createTrial();
    expect(trial.dpop.nonce()).toBeUndefined();
    await expect(present(trial, undefined)).resolves.toBeUndefined();
  });

  it('is offered to whoever has none, and then accepted', async () => {
    const trial = await createTrial({ nonce: { secret } });
    const error: unknown = await present(trial, undefined).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_DPOP_NONCE_REQUIRED', error: 'use_dpop_nonce' });
    const offered = typeof error === 'object' && error !== null && 'nonce' in error ? error.nonce : undefined;
    expect(offered).toBe(trial.dpop.nonce());
    expect(offered).toMatch(/^[\w-]{43}$/); // RFC 9449 8.1: no character that a header would have to quote
    await expect(present(trial, offered)).resolves.toBeUndefined();
    await expect(present(trial, offered)).resolves.toBeUndefined();
  });

  it.each([null, '', 7, ['nonce'], 'made up', 'A'.repeat(43), 'ü'.repeat(43)])(
    'of ours is offered instead of %j',
    async (nonce) => {
      const trial = await createTrial({ nonce: { secret } });
      await expect(present(trial, nonce)).rejects.toMatchObject({
        code: 'ERR_DPOP_NONCE_REQUIRED',
        nonce: trial.dpop.nonce(),
      });
    },
  );

  it.each([0, 1, 150, 299])('offered %i s into its time lives for 300 to 600 s', async (into) => {
    const trial = await createTrial({ nonce: { secret, lifetime: 300 } });
    const start = trial.clock.seconds; // a multiple of 300
    trial.clock.seconds = start + into;
    const nonce = trial.dpop.nonce();
    for (const second of [into, into + 300, 599]) {
      trial.clock.seconds = start + second;
      await expect(present(trial, nonce)).resolves.toBeUndefined();
    }
    for (const second of [600, 601, 900, 100_000]) {
      trial.clock.seconds = start + second;
      await expect(present(trial, nonce)).rejects.toMatchObject({
        code: 'ERR_DPOP_NONCE_REQUIRED',
        nonce: trial.dpop.nonce(),
      });
    }
    trial.clock.seconds = start - 1; // nor before its time
    await expect(present(trial, nonce)).rejects.toMatchObject({ code: 'ERR_DPOP_NONCE_REQUIRED' });
  });

  it('changes with its time', async () => {
    const trial = await createTrial({ nonce: { secret, lifetime: 300 } });
    const seen = new Set<string | undefined>();
    for (let second = 0; second < 3000; second += 10) {
      seen.add(trial.dpop.nonce());
      trial.clock.seconds += 10;
    }
    expect(seen.size).toBe(10);
  });

  it('of one node is good at another that has the secret, however it is written', async () => {
    const key = await createTestKey('ES256');
    const [one, other, stranger, hastier] = await Promise.all([
      createTrial({ key, nonce: { secret } }),
      createTrial({ key, nonce: { secret: new TextEncoder().encode(secret) } }),
      createTrial({ key, nonce: { secret: `${secret}!` } }),
      createTrial({ key, nonce: { secret, lifetime: 299 } }),
    ]);
    await expect(present(other, one.dpop.nonce())).resolves.toBeUndefined();
    for (const node of [stranger, hastier]) {
      await expect(present(node, one.dpop.nonce())).rejects.toMatchObject({
        code: 'ERR_DPOP_NONCE_REQUIRED',
      });
    }
  });

  it('says nothing to a node that counts in another measure', () => {
    const [five, ten] = [new Nonces(secret, 300), new Nonces(secret, 600)];
    const third = five.current(3 * 300);
    expect(ten.accepts(third, 3 * 600)).toBe(false);
    expect(five.accepts(third, 3 * 300)).toBe(true);
  });

  it('stays when the bytes of the secret are wiped', async () => {
    const bytes = new TextEncoder().encode(secret);
    const trial = await createTrial({ nonce: { secret: bytes } });
    bytes.fill(0);
    const nonce = (await createTrial({ nonce: { secret } })).dpop.nonce();
    expect(trial.dpop.nonce()).toBe(nonce);
  });

  it('is not for those who cannot sign, or who have all else wrong', async () => {
    const trial = await createTrial({ nonce: { secret } });
    await expect(trial.check(spoiled.signature(trial.proof()))).rejects.toMatchObject(invalid);
    await expect(trial.check(trial.proof({ claims: { htm: 'PUT' } }))).rejects.toMatchObject(invalid);
    await expect(trial.check(undefined)).rejects.toMatchObject(invalid);
  });

  it('that is old leaves the proof unused', async () => {
    const trial = await createTrial({ nonce: { secret } });
    await expect(present(trial, 'old')).rejects.toMatchObject({ code: 'ERR_DPOP_NONCE_REQUIRED' });
    expect(trial.store.kept.size).toBe(0);
  });
});
