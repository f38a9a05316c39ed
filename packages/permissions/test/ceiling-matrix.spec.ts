import { intersect, live, tokenPermissions, type PermissionSource } from '@portcullis/permissions';
import { describe, expect, it } from 'vitest';
import { authentication } from './authentication.ts';
import { following, type Following } from './following.ts';

type Spoiled = Parameters<typeof authentication>[0];

interface Case {
  readonly token: Spoiled;
  /** What the provider says now; undefined: it knows nobody like that. */
  readonly now: readonly string[] | undefined;
  /** By freshness. */
  readonly may: Readonly<Record<'token' | 'intersect' | 'live', readonly string[]>>;
}

const all = (names: readonly string[]): Case['may'] => ({ token: names, intersect: names, live: names });
const removed = (claim: readonly string[], held: readonly string[]): Case['may'] => ({
  token: claim,
  intersect: held,
  live: held,
});

const MACHINE = { kind: 'machine', client: 'machine', subject: 'machine@clients' } as const;

/** Rules of the house, test c: in no mode more than the token was issued for, nor than holds now. */
const CASES: Readonly<Record<string, Case>> = {
  'first-party, all as issued': {
    token: { client: 'ours', scope: 'openid', permissions: ['a', 'b'] },
    now: ['a', 'b'],
    may: all(['a', 'b']),
  },
  'first-party, one was taken away': {
    token: { client: 'ours', scope: 'openid', permissions: ['a', 'b'] },
    now: ['a'],
    may: removed(['a', 'b'], ['a']),
  },
  'first-party, one was added': {
    token: { client: 'ours', scope: 'openid', permissions: ['a'] },
    now: ['a', 'b'],
    may: all(['a']),
  },
  'third-party with a narrower scope': {
    token: { client: 'theirs', scope: 'a', permissions: ['a', 'b'] },
    now: ['a', 'b'],
    may: all(['a']),
  },
  'third-party with a scope wider than its permissions, which were widened since': {
    token: { client: 'theirs', scope: 'a b', permissions: ['a'] },
    now: ['a', 'b'],
    may: all(['a']),
  },
  'a refresh that asked for less': {
    token: { client: 'theirs', scope: 'b', permissions: ['b'] },
    now: ['a', 'b'],
    may: all(['b']),
  },
  'a client that was granted less since': {
    token: { client: 'theirs', scope: 'a b', permissions: ['a', 'b'] },
    now: ['b'],
    may: removed(['a', 'b'], ['b']),
  },
  'a grant that was revoked': {
    token: { client: 'theirs', scope: 'a b', permissions: ['a', 'b'] },
    now: [],
    may: removed(['a', 'b'], []),
  },
  'a client that was switched off, or a user who was deleted': {
    token: { client: 'ours', scope: 'openid', permissions: ['a'] },
    now: undefined,
    may: removed(['a'], []),
  },
  'the same subject at another issuer': {
    token: { issuer: 'https://another.example/', client: 'ours', permissions: ['a'] },
    now: ['a'],
    may: removed(['a'], []),
  },
  'a machine': {
    token: { ...MACHINE, scope: 'a', permissions: ['a'] },
    now: ['a', 'b'],
    may: all(['a']),
  },
  'a machine whose name is a user’s': {
    token: { ...MACHINE, subject: 'machine', scope: 'a', permissions: ['a'] },
    now: undefined,
    may: removed(['a'], []),
  },
  'permissions fuller than the scope': {
    token: { client: 'theirs', scope: 'openid profile', permissions: ['a', 'b'] },
    now: ['a', 'b'],
    may: all([]),
  },
  'an empty scope': {
    token: { client: 'theirs', scope: '', permissions: ['a'] },
    now: ['a'],
    may: all([]),
  },
  'no scope claim, permissions as issued': {
    token: { client: 'theirs', permissions: ['a'] },
    now: ['a', 'b'],
    may: all(['a']),
  },
  'no permissions claim: only live has something to ask about, within the scope': {
    token: { client: 'theirs', scope: 'a c' },
    now: ['a', 'b'],
    may: { token: [], intersect: [], live: ['a'] },
  },
  'no permissions claim and no scope': {
    token: { client: 'ours' },
    now: ['a'],
    may: all([]),
  },
};

const FRESHNESS: Readonly<Record<keyof Case['may'], (it: Following) => PermissionSource>> = {
  token: () => tokenPermissions({ firstPartyClients: ['ours'] }),
  intersect: ({ feed }) => intersect({ feed, firstPartyClients: ['ours'] }),
  live: ({ feed }) => live({ feed, firstPartyClients: ['ours'] }),
};

describe.each(Object.entries(CASES))('%s', (_name, { token, now, may }) => {
  it.each(['token', 'intersect', 'live'] as const)('by %s', async (freshness) => {
    const followed = await following();
    const held = authentication({ issuer: followed.provider.issuer, ...token });
    if (now !== undefined) followed.provider.set(held.subject, held.client ?? '', now);
    else followed.provider.touch({ subject: held.subject });
    await followed.caughtUp();
    const { names } = await FRESHNESS[freshness](followed).permissionsOf(held);
    expect([...names].toSorted()).toEqual(may[freshness]);
  });
});
