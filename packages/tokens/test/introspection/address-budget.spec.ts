import { describe, expect, it } from 'vitest';
import { AddressBudget } from '../../src/introspection/address-budget.ts';

const MINUTE = 60_000;

describe('what an address may cause', () => {
  it('is so much at once, and comes back evenly', () => {
    let now = 0;
    const budget = new AddressBudget(2, () => now);
    expect([budget.take('a'), budget.take('a'), budget.take('a')]).toEqual([0, 0, 30]);
    now += MINUTE / 4;
    expect(budget.take('a')).toBe(15);
    now += MINUTE / 4;
    expect([budget.take('a'), budget.take('a')]).toEqual([0, 30]);
    now += 1000 * MINUTE;
    expect([budget.take('a'), budget.take('a'), budget.take('a')]).toEqual([0, 0, 30]);
  });

  it('tells at least a second', () => {
    const budget = new AddressBudget(1000, () => 0);
    for (let time = 0; time < 1000; time++) budget.take('a');
    expect(budget.take('a')).toBe(1);
  });

  it('is known of 10,000 addresses: beyond, of those that asked last', () => {
    const budget = new AddressBudget(1, () => 0);
    expect([budget.take('first'), budget.take('again')]).toEqual([0, 0]);
    for (let index = 0; index < 9998; index++) budget.take(`address-${index}`);
    expect(budget.take('again')).toBe(60);
    budget.take('one more');
    expect(budget.take('again')).toBe(60);
    expect(budget.take('first')).toBe(0); // was forgotten
  });
});
