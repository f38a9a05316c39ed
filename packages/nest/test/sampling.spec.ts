import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sampling } from '../src/sampling.ts';

interface Told {
  readonly item: string;
  readonly notTold: number | undefined;
}

function sampled() {
  const told: Told[] = [];
  return { told, sampling: new Sampling<string>((item, notTold) => told.push({ item, notTold })) };
}

describe('sampling', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('begins anew each minute, and tells at its end of what it only counted', () => {
    const { told, sampling } = sampled();
    for (let count = 1; count <= 12; count++) sampling.take(`item ${count}`, 'sort');
    expect(told).toHaveLength(10);
    vi.advanceTimersByTime(60_000);
    expect(told.slice(10)).toEqual([{ item: 'item 12', notTold: 2 }]);
    sampling.take('item 13', 'sort');
    expect(told).toHaveLength(12);
  });

  it('loses none of a hundred thousand sorts, and remembers no more than a thousand of them', () => {
    const { told, sampling } = sampled();
    for (let count = 0; count < 100_000; count++) sampling.take('item', `own ${count}`, 'shared');
    // A thousand of their own, ten of all the others together.
    expect(told).toHaveLength(1010);
    sampling.flush();
    expect(told.length + (told.at(-1)?.notTold ?? 0) - 1).toBe(100_000);
  });
});
