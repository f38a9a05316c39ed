import { describe, expect, it } from 'vitest';
import { AddressBudget } from '../../src/introspection/address-budget.ts';
import { networkOf } from '../../src/introspection/network.ts';

describe('the network of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['unknown', 'unknown'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:DB8:0:0:1:2:3:4', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::', '2001:db8:0:1::/64'],
    ['2001:0db8:00a0::5:6:7:8', '2001:db8:a0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the budget of an address', () => {
  it('is not multiplied by the addresses that one network has', () => {
    const budget = new AddressBudget(2, () => 0);
    for (const address of ['2001:db8::1', '2001:db8::2']) budget.charge(address);
    expect(budget.wait('2001:db8::3')).toBe(30);
    for (const address of ['2001:db8:0:1::1', '::ffff:192.0.2.1', '::ffff:192.0.2.2']) {
      budget.charge(address);
      expect(budget.wait(address)).toBe(0);
    }
  });
});
