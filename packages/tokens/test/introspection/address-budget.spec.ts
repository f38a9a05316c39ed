import { describe, expect, it } from 'vitest';
import { AddressBudget } from '../../src/introspection/address-budget.ts';

const MINUTE = 60_000;

describe('what an address may have cost', () => {
  it('is so much at once, and comes back evenly', () => {
    let now = 0;
    const budget = new AddressBudget(2, () => now);
    const charged = (): number => {
      budget.charge('a');
      return budget.wait('a');
    };
    expect([budget.wait('a'), charged(), charged()]).toEqual([0, 0, 30]);
    now += MINUTE / 4;
    expect(budget.wait('a')).toBe(15);
    now += MINUTE / 4;
    expect([budget.wait('a'), charged()]).toEqual([0, 30]);
    now += 1000 * MINUTE;
    expect([charged(), charged()]).toEqual([0, 30]);
  });

  it('tells at least a second', () => {
    const budget = new AddressBudget(1000, () => 0);
    for (let time = 0; time < 1000; time++) budget.charge('a');
    expect(budget.wait('a')).toBe(1);
  });

  it('is known of 10,000 addresses: beyond, of those that were charged last', () => {
    const budget = new AddressBudget(1, () => 0);
    budget.charge('first');
    budget.charge('again');
    for (let index = 0; index < 9998; index++) budget.charge(`address-${index}`);
    expect([budget.wait('first'), budget.wait('again')]).toEqual([60, 60]);
    budget.charge('again');
    budget.charge('one more');
    expect(budget.wait('again')).toBe(120);
    expect(budget.wait('first')).toBe(0); // was forgotten
  });
});
