import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayStore } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';

/** A store as its nodes see it; at least two, which may be one and the same for a store of one process. */
export interface OpenStore {
  readonly nodes: readonly [ReplayStore, ReplayStore, ...ReplayStore[]];
  close(): Promise<void>;
}

export interface StoreKind {
  open(): Promise<OpenStore>;
  /** With room for some proofs, but no more than 20,000. */
  openSmall(): Promise<OpenStore>;
}

/** 43 characters of base64url, as the verifier makes them. */
export function newKey(): string {
  return randomBytes(32).toString('base64url');
}

export function inSeconds(seconds: number): number {
  return Date.now() / 1000 + seconds;
}

/** What one call came to, thrown at once or later. */
export async function told(
  node: ReplayStore,
  key: string,
  expiresAt: number,
): Promise<'new' | 'known' | 'unavailable'> {
  try {
    return (await node.remember(key, expiresAt)) ? 'new' : 'known';
  } catch {
    return 'unavailable';
  }
}

export function replayStoreContract(name: string, kind: StoreKind): void {
  async function nodesOf(opening: Promise<OpenStore>): Promise<OpenStore['nodes']> {
    const { nodes, close } = await opening;
    onTestFinished(close);
    return nodes;
  }

  describe(`the replay store: ${name}`, () => {
    it('tells new once, and known ever after, on every node', async () => {
      const [a, b] = await nodesOf(kind.open());
      const key = newKey();
      expect(await told(a, key, inSeconds(60))).toBe('new');
      expect(await told(a, key, inSeconds(60))).toBe('known');
      expect(await told(b, key, inSeconds(60))).toBe('known');
    });

    it('keeps keys apart', async () => {
      const [a] = await nodesOf(kind.open());
      const key = newKey();
      const almost = `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`;
      expect(await told(a, key, inSeconds(60))).toBe('new');
      expect(await told(a, almost, inSeconds(60))).toBe('new');
      expect(await told(a, key, inSeconds(60))).toBe('known');
    });

    it('tells exactly one of 200 at once that the key is new, whichever node they ask', async () => {
      const nodes = await nodesOf(kind.open());
      for (let round = 0; round < 20; round += 1) {
        const key = newKey();
        const all = await Promise.all(
          Array.from({ length: 200 }, (_, index) =>
            told(nodes[index % nodes.length] ?? nodes[0], key, inSeconds(60)),
          ),
        );
        expect(all.filter((answer) => answer === 'new')).toHaveLength(1);
        expect(all.filter((answer) => answer === 'known')).toHaveLength(199);
      }
    });

    it('knows a key up to the last moment, and never tells new a second time afterwards', async () => {
      const [a, b] = await nodesOf(kind.open());
      const key = newKey();
      const expiresAt = inSeconds(1.5);
      expect(await told(a, key, expiresAt)).toBe('new');
      while (Date.now() / 1000 < expiresAt) {
        expect(await told(b, key, expiresAt)).toBe('known');
        await sleep(25);
      }
      for (let times = 0; times < 40; times += 1) {
        expect(await told(a, key, expiresAt)).not.toBe('new');
        await sleep(50);
      }
    });

    it.each([NaN, Infinity, -Infinity])('remembers nothing until %s', async (expiresAt) => {
      const [a] = await nodesOf(kind.open());
      expect(await told(a, newKey(), expiresAt)).toBe('unavailable');
      expect(await told(a, newKey(), inSeconds(60))).toBe('new');
    });

    it('that is full refuses what is new and forgets nothing', async () => {
      const [a, b] = await nodesOf(kind.openSmall());
      const kept: string[] = [];
      let full = false;
      while (!full && kept.length < 20_000) {
        const keys = Array.from({ length: 100 }, newKey);
        const answers = await Promise.all(keys.map((key) => told(a, key, inSeconds(60))));
        kept.push(...keys.filter((_, index) => answers[index] === 'new'));
        full = answers.includes('unavailable');
      }
      expect(full).toBe(true);
      expect(kept.length).toBeGreaterThan(0);
      const again = await Promise.all(kept.map((key) => told(b, key, inSeconds(60))));
      expect(again).not.toContain('new');
    });
  });
}
