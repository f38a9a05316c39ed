import { tokenPermissions, type PermissionSet } from '@portcullis/permissions';
import { describe, expect, it } from 'vitest';
import { authentication } from './authentication.ts';

const source = tokenPermissions();

async function permitted(permissions: unknown): Promise<PermissionSet> {
  return source.permissionsOf(authentication({ claims: { permissions } }));
}

describe('the permissions claim', () => {
  it('grants the members of an array of strings, each once', async () => {
    const { names, withheld } = await permitted(['create:items', 'read:items', 'create:items']);
    expect([...names]).toEqual(['create:items', 'read:items']);
    expect(names.size).toBe(2);
    expect([...withheld]).toEqual([]);
  });

  it('says that each came from the token', async () => {
    const { sources } = await permitted(['create:items']);
    expect([...sources]).toEqual([['create:items', ['token']]]);
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
  ])('grants nothing when it is %s', async (_shape, claim) => {
    const { names, withheld, sources } = await permitted(claim);
    expect([...names, ...withheld, ...sources]).toEqual([]);
  });

  it.each([
    '*',
    '*:*',
    'create:*',
    'create',
    'create:',
    'create:item',
    'CREATE:ITEMS',
    ' create:items',
    'create:items ',
    'create:items,read:items',
    '',
  ])('is compared letter by letter: %j is not create:items', async (held) => {
    const { names } = await permitted([held]);
    expect(names.has('create:items')).toBe(false);
    expect(names.has(held)).toBe(true);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'size', 'has'])(
    'is not found along a prototype: nobody holds %s unasked',
    async (name) => {
      const { names, sources, withheld } = await permitted(['create:items']);
      expect([names.has(name), sources.has(name), withheld.has(name)]).toEqual([false, false, false]);
      expect((await permitted([name])).names.has(name)).toBe(true);
    },
  );

  it('is an own member of the claims: an inherited one grants nothing', async () => {
    const claims = Object.create({ permissions: ['create:items'] }) as Record<string, unknown>;
    const { names } = await source.permissionsOf(authentication({ claims }));
    expect([...names]).toEqual([]);
  });
});

describe('a permission set', () => {
  it('can be written to by nobody', async () => {
    const set = await source.permissionsOf(
      authentication({ scope: 'create:items', claims: { permissions: ['create:items', 'read:items'] } }),
    );
    expect(Object.isFrozen(set)).toBe(true);
    for (const names of [set.names, set.withheld]) {
      expect(Object.isFrozen(names)).toBe(true);
      expect(() => Reflect.apply(Set.prototype.add, names, ['admin'])).toThrow(TypeError);
    }
    expect(() => Reflect.apply(Map.prototype.set, set.sources, ['admin', ['token']])).toThrow(TypeError);
    expect(Object.isFrozen(set.sources.get('create:items'))).toBe(true);
  });

  it('reads like a Set and a Map', async () => {
    const { names, sources } = await permitted(['create:items', 'read:items']);
    const seen: string[] = [];
    names.forEach((name, same, set) => seen.push(`${name}=${same}=${String(set === names)}`));
    sources.forEach((origins, name) => seen.push(`${name}:${origins.join()}`));
    expect(seen).toEqual([
      'create:items=create:items=true',
      'read:items=read:items=true',
      'create:items:token',
      'read:items:token',
    ]);
    expect([[...names.keys()], [...names.values()], [...names.entries()].length]).toEqual([
      ['create:items', 'read:items'],
      ['create:items', 'read:items'],
      2,
    ]);
    expect([[...sources.keys()], [...sources.values()], sources.size]).toEqual([
      ['create:items', 'read:items'],
      [['token'], ['token']],
      2,
    ]);
    expect(JSON.stringify(names)).toBe('["create:items","read:items"]');
  });
});
