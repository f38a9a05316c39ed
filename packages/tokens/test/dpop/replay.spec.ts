import { setTimeout as pause } from 'node:timers/promises';
import { createTestKey } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { DpopCheck } from '../../src/dpop/dpop-check.ts';
import type { ReplayStore } from '../../src/dpop/replay-store.ts';
import { MemoryStore } from './memory-store.ts';
import { createTrial, invalid, token } from './trial.ts';

describe('a proof that is used again', () => {
  it('is refused, and a new one is not', async () => {
    const trial = await createTrial();
    const proof = trial.proof();
    await expect(trial.check(proof)).resolves.toBeUndefined();
    await expect(trial.check(proof)).rejects.toThrow(/used before/);
    await expect(trial.check(trial.proof())).resolves.toBeUndefined();
  });

  it('passes exactly once of fifty times at once', async () => {
    const trial = await createTrial();
    const proof = trial.proof();
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => trial.check(proof)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject(invalid);
  });

  it('passes exactly once on two nodes that share a store which takes its time', async () => {
    const memory = new MemoryStore();
    const shared: ReplayStore = {
      remember: async (key, expiresAt) => {
        await pause(Math.random() * 20);
        return memory.remember(key, expiresAt);
      },
    };
    const key = await createTestKey('ES256');
    const nodes = [
      await createTrial({ key, replayStore: shared }),
      await createTrial({ key, replayStore: shared }),
    ];
    const proof = nodes[0]?.proof();
    const results = await Promise.allSettled(
      Array.from({ length: 25 }, () => nodes.map((node) => node.check(proof))).flat(),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is known by its jti in whatever proof of that key, but not in that of another', async () => {
    const trial = await createTrial();
    const claims = { jti: 'the same' };
    await expect(trial.check(trial.proof({ claims }))).resolves.toBeUndefined();
    await expect(
      trial.check(trial.proof({ claims: { ...claims, htm: 'PUT' } }), { method: 'PUT' }),
    ).rejects.toThrow(/used before/);

    const other = await createTrial({ replayStore: trial.store });
    await expect(other.check(other.proof({ claims }))).resolves.toBeUndefined();
    expect([...trial.store.kept.keys()].every((key) => /^[\w-]{43}$/.test(key))).toBe(true);
    expect(trial.store.kept.size).toBe(2);
  });

  it('is remembered only when all else is right', async () => {
    const trial = await createTrial({ nonce: { secret: 's'.repeat(32) } });
    const nonce = trial.dpop.nonce();
    const bad = [{ htm: 'PUT' }, { htu: 'https://x.example' }, { iat: 1 }, { ath: 'A' }, { nonce: 'old' }];
    for (const change of bad) {
      const claims = { jti: 'one', nonce, ...change };
      await expect(trial.check(trial.proof({ claims }))).rejects.toMatchObject({ name: /^Dpop/ });
    }
    expect(trial.store.kept.size).toBe(0);
    await expect(trial.check(trial.proof({ claims: { jti: 'one', nonce } }))).resolves.toBeUndefined();
  });

  it.each([
    { proofLifetime: 60, clockTolerance: 5, iat: 0, expires: 60 + 10 + 1 },
    { proofLifetime: 60, clockTolerance: 0, iat: 0, expires: 61 },
    { proofLifetime: 1, clockTolerance: 60, iat: 60, expires: 60 + 1 + 120 + 1 },
    { proofLifetime: 60, clockTolerance: 5, iat: 0.25, expires: 72 },
  ])('is remembered as long as any node would accept it: $expires s', async (row) => {
    const trial = await createTrial(row);
    const iat = trial.clock.seconds + row.iat;
    await trial.check(trial.proof({ claims: { iat } }));
    expect([...trial.store.kept.values()]).toEqual([trial.clock.seconds + row.expires]);
  });

  it('is refused throughout, though the store forgets as early as it may and its clock is ahead', async () => {
    const trial = await createTrial({ clockTolerance: 5 });
    const proof = trial.proof({ claims: { iat: trial.clock.seconds + 5 } });
    await expect(trial.check(proof)).resolves.toBeUndefined();
    for (let second = 0; second < 200; second++) {
      trial.clock.seconds++;
      trial.store.forget(trial.clock.seconds + 5);
      await expect(trial.check(proof)).rejects.toMatchObject(invalid);
    }
    expect(trial.store.kept.size).toBe(0);
  });
});

describe('a replay store', () => {
  const unknown = { code: 'ERR_REPLAY_UNKNOWN', retryAfter: expect.any(Number) as number };

  it.each<[string, () => unknown]>([
    ['rejects', () => Promise.reject(new Error('out of reach'))],
    [
      'throws',
      () => {
        throw new Error('full');
      },
    ],
    ['answers with nothing', () => undefined],
    ['answers with text', () => 'OK'],
    ['answers with a promise of a number', () => Promise.resolve(1)],
    ['answers with a promise of null', () => Promise.resolve(null)],
  ])('that %s lets nothing pass, and blames nobody', async (_case, answer) => {
    const { jkt, proof, clock } = await createTrial();
    // A store written without types.
    const replayStore = { remember: answer } as unknown as ReplayStore;
    const dpop = new DpopCheck(
      { publicUrl: 'https://menu-api.example.com', replayStore },
      { now: () => clock.seconds * 1000 },
      5,
    );
    const credential = { scheme: 'dpop', token, method: 'GET', url: '/items', proof: proof() } as const;
    await expect(dpop.check(credential, jkt)).rejects.toMatchObject(unknown);
  });

  it('that hangs is waited for one second', async () => {
    const trial = await createTrial({
      replayStore: { remember: () => new Promise<boolean>(() => undefined) },
    });
    const started = performance.now();
    await expect(trial.check(trial.proof())).rejects.toMatchObject(unknown);
    const took = performance.now() - started;
    expect(took).toBeGreaterThan(900);
    expect(took).toBeLessThan(2500);
  });

  it('that fails after its second disturbs nobody', async () => {
    const failures: unknown[] = [];
    const note = (reason: unknown): void => void failures.push(reason);
    process.on('unhandledRejection', note);
    const trial = await createTrial({
      replayStore: { remember: () => pause(1100).then(() => Promise.reject(new Error('late'))) },
    });
    await expect(trial.check(trial.proof())).rejects.toMatchObject(unknown);
    await pause(300);
    process.off('unhandledRejection', note);
    expect(failures).toEqual([]);
  });

  it.each<[string, (key: string) => boolean | Promise<boolean>]>([
    ['at once', () => true],
    ['a moment later', () => pause(50).then(() => true)],
  ])('that answers %s lets the proof pass', async (_case, remember) => {
    const trial = await createTrial({ replayStore: { remember } });
    await expect(trial.check(trial.proof())).resolves.toBeUndefined();
  });

  it('is told nothing of a token or a claim', async () => {
    const told: unknown[] = [];
    const trial = await createTrial({
      replayStore: {
        remember: (...all) => {
          told.push(...all);
          return true;
        },
      },
    });
    await trial.check(trial.proof({ claims: { jti: 'a-jti-of-ours' } }));
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toMatch(/jti|Alice/);
  });
});
