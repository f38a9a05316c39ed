import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

async function claimed(permissions: unknown): Promise<readonly string[] | undefined> {
  const { claimedPermissions } = await verify(trust(issuer), await issuer.accessToken({ permissions }));
  return claimedPermissions && [...claimedPermissions];
}

describe('the permissions claim', () => {
  it('is read from an array of strings, each name once', async () => {
    expect(await claimed(['create:items', 'read:items', 'create:items'])).toEqual([
      'create:items',
      'read:items',
    ]);
    expect(await claimed([])).toEqual([]);
    expect(await claimed(['constructor', '__proto__'])).toEqual(['constructor', '__proto__']);
  });

  it.each<[string, unknown]>([
    ['a string', 'create:items'],
    ['a string of several', 'create:items read:items'],
    ['an object', { 'create:items': true }],
    ['an object that looks like an array', { 0: 'create:items', length: 1 }],
    ['a nested array', [['create:items']]],
    ['an array with one number in it', ['create:items', 7]],
    ['an array with null in it', ['create:items', null]],
    ['an array with an object in it', ['create:items', { name: 'read:items' }]],
    ['true', true],
    ['null', null],
    ['a number', 1],
    ['nothing', undefined],
  ])('claims nothing when it is %s', async (_shape, claim) => {
    expect(await claimed(claim)).toBeUndefined();
  });
});
