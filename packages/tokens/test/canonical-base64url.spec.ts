import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCanonicalBase64url } from '../src/canonical-base64url.ts';

const spelling = fc.oneof(
  fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
  fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes).toString('base64')),
  fc.array(fc.constantFrom(...'AEgQwZ09-_+/= \n*.')).map((letters) => letters.join('')),
  fc.string({ unit: 'binary-ascii' }),
);

describe('canonical base64url', () => {
  it('is what re-encoding the decoded bytes gives', () => {
    const property = fc.property(spelling, (text) => {
      const bytes = Buffer.from(text, 'base64url');
      return isCanonicalBase64url(text, bytes.length) === (bytes.toString('base64url') === text);
    });
    expect(fc.check(property, { numRuns: 20_000 })).toMatchObject({ failed: false });
  });

  it('is one of all the last characters that decode to the same bytes', () => {
    const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
    const canonical = (start: string, length: number): number =>
      alphabet.filter((last) => isCanonicalBase64url(`${start}${last}`, length)).length;
    expect([canonical('A', 1), canonical('AA', 2), canonical('AAA', 3)]).toEqual([4, 16, 64]);
  });
});
