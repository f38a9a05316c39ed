import { describe, expect, it } from 'vitest';
import { memoryReplayStore, StoreUnavailable } from '../src/index.ts';
import { newKey, replayStoreContract } from './replay-store.contract.ts';

function inMemory(maxEntries?: number) {
  const store = memoryReplayStore(maxEntries === undefined ? {} : { maxEntries });
  return Promise.resolve({ nodes: [store, store] as const, close: () => Promise.resolve() });
}

replayStoreContract('memory', { open: () => inMemory(), openSmall: () => inMemory(150) });

describe('the replay store in memory', () => {
  it('that is full has room again as soon as proofs have expired, and not before', () => {
    let seconds = 1000;
    const store = memoryReplayStore({ maxEntries: 2, now: () => seconds * 1000 });
    expect(store.remember('a', 1060)).toBe(true);
    expect(store.remember('b', 1090)).toBe(true);
    expect(() => store.remember('c', 1060)).toThrow(StoreUnavailable);
    expect(store.remember('a', 1060)).toBe(false);
    seconds = 1060.9;
    expect(() => store.remember('c', 1120)).toThrow(/All 2 places/);
    seconds = 1061;
    expect(store.remember('c', 1120)).toBe(true);
    expect(() => store.remember('d', 1120)).toThrow(StoreUnavailable);
    expect(store.remember('b', 1090)).toBe(false);
  });

  it('does not tell new again when the clock is set back over a proof that it forgot', () => {
    let seconds = 5000;
    const store = memoryReplayStore({ now: () => seconds * 1000 });
    expect(store.remember('old', 5060)).toBe(true);
    seconds = 5100;
    expect(store.remember('between', 5160)).toBe(true);
    seconds = 5000;
    expect(() => store.remember('old', 5060)).toThrow(StoreUnavailable);
    expect(store.remember('between', 5160)).toBe(false);
    expect(store.remember('young', 5061)).toBe(true);
  });

  it('that lived through a clock far ahead takes new proofs once the clock is right', () => {
    let seconds = 5000;
    const store = memoryReplayStore({ now: () => seconds * 1000 });
    expect(store.remember('first', 5060)).toBe(true);
    seconds = 9_000_000;
    expect(store.remember('far', 9_000_060)).toBe(true);
    seconds = 5010;
    expect(() => store.remember('first', 5060)).toThrow(StoreUnavailable);
    expect(store.remember('second', 5070)).toBe(true);
    expect(store.remember('far', 9_000_060)).toBe(false);
  });

  it('forgets what expired, however much came through', () => {
    let seconds = 1000;
    const store = memoryReplayStore({ maxEntries: 1000, now: () => seconds * 1000 });
    for (; seconds < 4000; seconds += 1) {
      for (let count = 0; count < 15; count += 1) expect(store.remember(newKey(), seconds + 60)).toBe(true);
    }
  });

  it('has room again after an idle time, and forgets but some of many at once', () => {
    let seconds = 1000;
    const store = memoryReplayStore({ maxEntries: 5000, now: () => seconds * 1000 });
    const keys = Array.from({ length: 5000 }, newKey);
    for (const key of keys) expect(store.remember(key, 1060)).toBe(true);
    expect(() => store.remember(newKey(), 1060)).toThrow(StoreUnavailable);
    seconds = 2000;
    expect(store.remember(newKey(), 2060)).toBe(true);
    let known = 0;
    for (const key of keys) {
      try {
        expect(store.remember(key, 1060)).toBe(false);
        known += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(StoreUnavailable);
      }
    }
    expect(known).toBeLessThan(4000);
    for (let count = 1; count < 5000; count += 1) expect(store.remember(newKey(), 2060)).toBe(true);
    expect(() => store.remember(newKey(), 2060)).toThrow(/All 5000 places/);
  });

  it.each([0, -1, 1.5, NaN, Infinity])('refuses to be made for %s entries', (maxEntries) => {
    expect(() => memoryReplayStore({ maxEntries })).toThrow(TypeError);
    expect(() => memoryReplayStore({ maxEntries: 1 })).not.toThrow();
  });
});
