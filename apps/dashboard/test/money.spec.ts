import { describe, expect, it } from 'vitest';
import { centsFromDollars, dollarsFromCents, MAX_CENTS, priceOf } from '../src/shared/money.ts';

describe('money', () => {
  it('comes back unchanged from the form, for every hundred-odd price there is', () => {
    for (let cents = 0; cents <= MAX_CENTS; cents += 97) {
      expect(centsFromDollars(dollarsFromCents(cents))).toBe(cents);
    }
    for (let cents = 0; cents < 2000; cents += 1) {
      expect(centsFromDollars(dollarsFromCents(cents))).toBe(cents);
    }
  });

  it.each([
    ['5.99', 599],
    ['0.29', 29],
    ['1.1', 110],
    ['19.99', 1999],
    ['4.35', 435],
    ['8', 800],
    ['007.50', 750],
    ['$1,250.00', 125_000],
    [' 2.05 ', 205],
    ['0', 0],
  ])('reads %j as %d cents', (typed, cents) => {
    expect(centsFromDollars(typed)).toBe(cents);
  });

  it.each([
    '',
    '.',
    '5.',
    '.5',
    '1.999',
    '-1',
    '1e3',
    '1,25',
    '12,34.50',
    '٣',
    'NaN',
    '5.99 €',
    '9'.repeat(20),
  ])('refuses %j', (typed) => {
    expect(centsFromDollars(typed)).toBeUndefined();
  });

  it.each([
    [0, '$0.00'],
    [5, '$0.05'],
    [599, '$5.99'],
    [125_000, '$1,250.00'],
    [MAX_CENTS, '$100,000.00'],
  ])('shows %d cents as %j', (cents, shown) => {
    expect(priceOf(cents)).toBe(shown);
  });
});
