import { tokenPermissions, type PermissionSet } from '@portcullis/permissions';
import { describe, expect, it } from 'vitest';
import { authentication } from './authentication.ts';

const source = tokenPermissions();

async function permitted(permissions: readonly string[]): Promise<PermissionSet> {
  return source.permissionsOf(authentication({ permissions }));
}

describe('the permissions that a token claims', () => {
  it('are granted, each once', async () => {
    const { names, withheld } = await permitted(['create:items', 'read:items', 'create:items']);
    expect([...names]).toEqual(['create:items', 'read:items']);
    expect(names.size).toBe(2);
    expect([...withheld]).toEqual([]);
  });

  it('of tokens that have the same sets of names are the same set, and of others never', async () => {
    const { claimedPermissions } = authentication({ permissions: ['create:items', 'read:items'] });
    const all = authentication({ claimedPermissions });
    const some = authentication({ claimedPermissions, scope: 'read:items' });
    for (let time = 0; time < 200; time++) {
      const other = await permitted([`other:${time}`]);
      expect([...other.names]).toEqual([`other:${time}`]);
      expect([...(await source.permissionsOf(all)).names]).toEqual(['create:items', 'read:items']);
      expect([...(await source.permissionsOf(some)).names]).toEqual(['read:items']);
    }
    expect(source.permissionsOf(all)).toBe(source.permissionsOf({ ...all, subject: 'user|2' }));
  });

  it('are said to come from the token', async () => {
    const { sources } = await permitted(['create:items']);
    expect([...sources]).toEqual([['create:items', ['token']]]);
  });

  it('are none when the token claims none, whatever else is in it', async () => {
    const { names, withheld, sources } = await source.permissionsOf(
      authentication({ claims: { permissions: ['create:items'] } }),
    );
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
  ])('are compared letter by letter: %j is not create:items', async (held) => {
    const { names } = await permitted([held]);
    expect(names.has('create:items')).toBe(false);
    expect(names.has(held)).toBe(true);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'size', 'has'])(
    'are not found along a prototype: nobody holds %s unasked',
    async (name) => {
      const { names, sources, withheld } = await permitted(['create:items']);
      expect([names.has(name), sources.has(name), withheld.has(name)]).toEqual([false, false, false]);
      expect((await permitted([name])).names.has(name)).toBe(true);
    },
  );
});

describe('a role that a token claims', () => {
  const withRoles = tokenPermissions({ roles: { 'menu-admin': ['create:items', 'update:items'] } });

  it('grants the permissions that the application gives it, and says so', async () => {
    const { names, sources } = await withRoles.permissionsOf(
      authentication({ roles: ['menu-admin', 'unknown', 'constructor'], permissions: ['create:items'] }),
    );
    expect([...names]).toEqual(['create:items', 'update:items']);
    expect(sources.get('create:items')).toEqual(['token', 'role:menu-admin']);
    expect(sources.get('update:items')).toEqual(['role:menu-admin']);
  });

  it('grants nothing unless the application says what it stands for', async () => {
    const { names } = await source.permissionsOf(authentication({ roles: ['menu-admin', 'create:items'] }));
    expect([...names]).toEqual([]);
  });

  it('stays under the ceiling of the token', async () => {
    const { names, withheld } = await withRoles.permissionsOf(
      authentication({ roles: ['menu-admin'], scope: 'update:items' }),
    );
    expect([[...names], [...withheld]]).toEqual([['update:items'], ['create:items']]);
  });

  it('must be given a list', () => {
    expect(() => tokenPermissions({ roles: { admin: [''] } })).toThrow(/"roles"/);
    // @ts-expect-error one permission is no list
    expect(() => tokenPermissions({ roles: { admin: 'create:items' } })).toThrow(/"roles"/);
  });
});

describe('a permission set', () => {
  it('can be written to by nobody', async () => {
    const set = await source.permissionsOf(
      authentication({ scope: 'create:items', permissions: ['create:items', 'read:items'] }),
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
