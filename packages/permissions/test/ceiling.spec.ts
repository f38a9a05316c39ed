import { tokenPermissions } from '@portcullis/permissions';
import { describe, expect, it } from 'vitest';
import { authentication } from './authentication.ts';

const permissions = ['create:items', 'delete:items'];
const source = tokenPermissions({ firstPartyClients: ['first-party'] });

async function decided(spoiled: Parameters<typeof authentication>[0]) {
  const { names, withheld } = await source.permissionsOf(authentication({ permissions, ...spoiled }));
  return { names: [...names], withheld: [...withheld] };
}

describe('the ceiling of a token', () => {
  it('is its scope for a client that is not listed', async () => {
    expect(await decided({ scope: 'openid create:items' })).toEqual({
      names: ['create:items'],
      withheld: ['delete:items'],
    });
  });

  it('is nothing when the scope names none of the permissions', async () => {
    expect(await decided({ scope: 'openid profile' })).toEqual({
      names: [],
      withheld: ['create:items', 'delete:items'],
    });
  });

  it('is nothing when the scope is empty', async () => {
    expect(await decided({ scope: '' })).toEqual({ names: [], withheld: ['create:items', 'delete:items'] });
  });

  it('is the whole claim for a first-party client', async () => {
    expect(await decided({ client: 'first-party', scope: 'openid' })).toEqual({
      names: ['create:items', 'delete:items'],
      withheld: [],
    });
  });

  it.each(['first-party ', 'FIRST-PARTY', 'first', 'first-party-too', '', undefined])(
    'stays the scope for a client that only resembles a listed one: %j',
    async (client) => {
      expect((await decided({ client, scope: 'openid' })).names).toEqual([]);
    },
  );

  it('stays the scope for a machine whose subject, not its client, is listed', async () => {
    const machine = { kind: 'machine', subject: 'first-party', client: 'other' } as const;
    expect((await decided({ ...machine, scope: 'openid' })).names).toEqual([]);
  });

  it('is the claim as issued when the token has no scope claim', async () => {
    expect(await decided({})).toEqual({ names: ['create:items', 'delete:items'], withheld: [] });
  });

  it('lists no client unless told to', async () => {
    const { names } = await tokenPermissions().permissionsOf(
      authentication({ permissions, client: 'first-party', scope: 'openid' }),
    );
    expect([...names]).toEqual([]);
  });

  it.each<[string, Parameters<typeof authentication>[0]]>([
    ['a scope wider than the claim', { scope: 'create:items delete:items drop:tables' }],
    ['a first-party client with a wider scope', { client: 'first-party', scope: 'drop:tables' }],
    ['a first-party machine', { client: 'first-party', kind: 'machine', scope: 'drop:tables' }],
    ['no scope at all', {}],
  ])('never exceeds the claim: %s', async (_case, spoiled) => {
    const { names, withheld } = await decided(spoiled);
    expect([...names, ...withheld].filter((name) => !permissions.includes(name))).toEqual([]);
    expect(names).not.toContain('drop:tables');
  });

  it('grants nothing by scope alone', async () => {
    expect(await decided({ permissions: [], scope: 'create:items' })).toEqual({ names: [], withheld: [] });
  });
});

describe('the list of first-party clients', () => {
  it.each([['first-party'], [['']], [[7]], [{}]])('refuses to start as %j', (firstPartyClients) => {
    expect(() => Reflect.apply(tokenPermissions, undefined, [{ firstPartyClients }])).toThrow(
      new TypeError('"firstPartyClients" must be a list of client ids'),
    );
  });

  it('may be empty', () => {
    expect(() => tokenPermissions({ firstPartyClients: [] })).not.toThrow();
  });
});
