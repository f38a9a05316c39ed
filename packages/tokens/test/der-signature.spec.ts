import { describe, expect, it } from 'vitest';
import { derSignature } from '../src/der-signature.ts';

function number(width: number, ...digits: number[]): Buffer {
  return Buffer.concat([Buffer.alloc(width - digits.length), Buffer.from(digits)]);
}

describe('an ECDSA signature in DER', () => {
  it.each<[string, Buffer, Buffer, number[]]>([
    ['small numbers', number(32, 1), number(32, 0x7f), [0x30, 6, 2, 1, 1, 2, 1, 0x7f]],
    [
      'numbers whose top bit is set',
      number(32, 0x80),
      number(32, 0xff, 0),
      [0x30, 9, 2, 2, 0, 0x80, 2, 3, 0, 0xff, 0],
    ],
    ['zeros within', number(32, 1, 0, 0), number(32, 1), [0x30, 8, 2, 3, 1, 0, 0, 2, 1, 1]],
    ['zero itself', number(32), number(32), [0x30, 6, 2, 1, 0, 2, 1, 0]],
  ])('has %s at their shortest', (_case, r, s, der) => {
    expect([...(derSignature('ES256', Buffer.concat([r, s])) ?? [])]).toEqual(der);
  });

  it('names its length in two bytes when one will not do', () => {
    const der = derSignature('ES512', Buffer.alloc(132, 0x7f));
    expect([...(der?.subarray(0, 6) ?? [])]).toEqual([0x30, 0x81, 136, 2, 66, 0x7f]);
    expect(der).toHaveLength(3 + 136);
  });

  it.each([0, 63, 65, 96, 132])('is none of ES256 when it has %i bytes', (length) => {
    expect(derSignature('ES256', Buffer.alloc(length, 1))).toBeUndefined();
    expect(derSignature('ES256', Buffer.alloc(64, 1))).toBeDefined();
  });
});
