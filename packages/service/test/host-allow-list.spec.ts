import { describe, expect, it } from 'vitest';
import { hostAllowList } from '@portcullis/service';

describe('the host allow-list', () => {
  const local = hostAllowList('http://localhost:7000');
  const named = hostAllowList('https://menu.example.com');

  it.each(['localhost:7000', 'localhost', '127.0.0.1:7000', '[::1]:7000', '127.3.2.1'])(
    'takes %s for a loopback service',
    (host) => {
      expect(local(host)).toBe(true);
    },
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    'evil.example:7000',
    '0.0.0.0',
    '127.0.0.1.evil.example',
    'a b',
    'evil@localhost',
    'localhost/evil',
    'localhost#',
    '[::2]',
  ])('refuses %s for a loopback service', (host) => {
    expect(local(host)).toBe(false);
  });

  it('takes its own name alone for a service with one', () => {
    expect([
      named('menu.example.com'),
      named('MENU.example.com:443'),
      named('localhost'),
      named('127.0.0.1'),
    ]).toEqual([true, true, false, false]);
  });
});
