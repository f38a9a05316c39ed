import { intersect, PermissionsUnknown, type PermissionSet } from '@portcullis/permissions';
import type { Authentication } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { readLiveAnswer } from '../src/live/live-answer.ts';
import { authentication } from './authentication.ts';
import { following, follow, type Following } from './following.ts';
import { ProviderEndpoint } from './provider-endpoint.ts';

const USER = 'user|1';
const DASHBOARD = 'test-client';

/** A token of that user, without a scope, whose permissions were read now or at another number. */
function token(
  { provider }: Pick<Following, 'provider'>,
  permissions: readonly string[],
  spoiled: Parameters<typeof authentication>[0] = {},
): Authentication {
  const { issuer, incarnation, number } = provider;
  return authentication({ issuer, permissions, claims: { chg: `${incarnation}:${number}` }, ...spoiled });
}

const OLD = { claims: {} };

async function names(permissions: PermissionSet | Promise<PermissionSet>) {
  const { names: held, withheld } = await permissions;
  return { names: [...held].toSorted(), withheld: [...withheld].toSorted() };
}

describe('the claim of a token that no change has touched', () => {
  it('is taken at its word, and nobody is asked', async () => {
    const followed = await following();
    followed.provider.set(USER, DASHBOARD, ['read:items']);
    await followed.caughtUp();
    const permissions = intersect({ feed: followed.feed });
    const fresh = token(followed, ['create:items', 'read:items']);
    expect(await names(permissions.permissionsOf(fresh))).toEqual({
      names: ['create:items', 'read:items'],
      withheld: [],
    });
    expect(permissions.permissionsOf(fresh)).toBe(permissions.permissionsOf(fresh));
    expect(followed.provider.count('effective-permissions')).toBe(0);
  });

  it('stays so through changes of others', async () => {
    const followed = await following();
    const fresh = token(followed, ['read:items']);
    followed.provider.touch({ subject: 'somebody else' });
    followed.provider.touch({ client: 'another client' });
    followed.provider.touch({ subject: USER, client: 'another client' });
    await followed.caughtUp();
    await intersect({ feed: followed.feed }).permissionsOf(fresh);
    expect(followed.provider.count('effective-permissions')).toBe(0);
  });
});

describe.each<[string, { subject?: string; client?: string }]>([
  ['its subject', { subject: USER }],
  ['its client', { client: DASHBOARD }],
  ['the two together', { subject: USER, client: DASHBOARD }],
  ['everybody', {}],
])('a token after a change that touched %s', (_whom, touched) => {
  it('keeps what still holds, and is asked about once', async () => {
    const followed = await following();
    const permissions = intersect({ feed: followed.feed });
    const issued = token(followed, ['create:items', 'read:items']);
    expect((await permissions.permissionsOf(issued)).names.has('create:items')).toBe(true);
    followed.provider.set(USER, DASHBOARD, ['read:items', 'delete:items']);
    followed.provider.touch(touched);
    await followed.caughtUp();
    const answers = Array.from({ length: 20 }, () => names(permissions.permissionsOf(issued)));
    for (const answer of await Promise.all(answers))
      expect(answer).toEqual({ names: ['read:items'], withheld: ['delete:items'] });
    expect(permissions.permissionsOf(issued)).toBe(permissions.permissionsOf(issued));
    expect(followed.provider.count('effective-permissions')).toBe(1);
  });
});

describe('a permission', () => {
  it('that was added later needs a new token, and its absence says that one would help', async () => {
    const followed = await following();
    const permissions = intersect({ feed: followed.feed });
    const issued = token(followed, ['read:items']);
    followed.provider.set(USER, DASHBOARD, ['read:items', 'create:items']);
    await followed.caughtUp();
    expect(await names(permissions.permissionsOf(issued))).toEqual({
      names: ['read:items'],
      withheld: ['create:items'],
    });
  });

  it('that was given back is there again', async () => {
    const followed = await following();
    const permissions = intersect({ feed: followed.feed });
    const issued = token(followed, ['read:items']);
    followed.provider.set(USER, DASHBOARD, []);
    await followed.caughtUp();
    expect((await permissions.permissionsOf(issued)).names.size).toBe(0);
    followed.provider.set(USER, DASHBOARD, ['read:items']);
    await followed.caughtUp();
    expect([...(await permissions.permissionsOf(issued)).sources]).toEqual([
      ['read:items', ['token', 'live']],
    ]);
  });

  it('is told apart by client, and held by nobody of another issuer', async () => {
    const followed = await following();
    const permissions = intersect({ feed: followed.feed });
    followed.provider.set(USER, DASHBOARD, ['read:items']);
    await followed.caughtUp();
    const of = (spoiled: Parameters<typeof authentication>[0]) =>
      names(permissions.permissionsOf(token(followed, ['read:items'], { ...OLD, ...spoiled })));
    expect((await of({})).names).toEqual(['read:items']);
    expect((await of({ client: 'another' })).names).toEqual([]);
    expect((await of({ subject: 'another' })).names).toEqual([]);
    expect((await of({ issuer: 'https://another.example/' })).names).toEqual([]);
  });
});

describe('a token whose "chg" says nothing here', () => {
  it.each<[string, unknown]>([
    ['is absent', undefined],
    ['is of another incarnation, as before a backup was restored', 'another:999'],
    ['is no text', 7],
    ['has no number', 'first:'],
    ['has a number that is none', 'first:-1'],
    ['has two numbers', 'first:9:9'],
  ])('is looked up: %s', async (_case, chg) => {
    const followed = await following();
    followed.provider.set(USER, DASHBOARD, ['read:items']);
    await followed.caughtUp();
    const issued = token(followed, ['create:items', 'read:items'], { claims: { chg } });
    expect((await names(intersect({ feed: followed.feed }).permissionsOf(issued))).names).toEqual([
      'read:items',
    ]);
  });
});

/** Rules of the house, test a. */
describe('an answer that was read before a change and comes after it', () => {
  async function held() {
    const followed = await following({ interval: 0.2, maxStaleness: 30 });
    const permissions = intersect({ feed: followed.feed });
    followed.provider.set(USER, DASHBOARD, ['create:items']);
    await followed.caughtUp();
    const issued = token(followed, ['create:items'], OLD);
    const release = followed.provider.hold();
    const waiting = Promise.allSettled(
      Array.from({ length: 20 }, () => names(permissions.permissionsOf(issued))),
    );
    await expect.poll(() => followed.provider.count('effective-permissions'), { interval: 2 }).toBe(1);
    return { ...followed, permissions, issued, release, waiting };
  }

  /** What its waiters may do in the end. */
  async function told(waiting: Awaited<ReturnType<typeof held>>['waiting']): Promise<readonly unknown[]> {
    return (await waiting).map((answer) =>
      answer.status === 'fulfilled' ? answer.value.names : answer.reason,
    );
  }

  const NOTHING_FOR_ANY = Array.from({ length: 20 }, () => []);

  it('is asked for again: all of its 20 waiters are refused', async () => {
    const { provider, caughtUp, release, waiting } = await held();
    provider.set(USER, DASHBOARD, []);
    await caughtUp();
    release();
    expect(await told(waiting)).toEqual(NOTHING_FOR_ANY);
    expect(provider.count('effective-permissions')).toBe(2);
  });

  it('is not waited for by who comes after the change', async () => {
    const { provider, caughtUp, permissions, issued, release, waiting } = await held();
    provider.set(USER, DASHBOARD, []);
    await caughtUp();
    const later = names(permissions.permissionsOf(issued));
    await expect.poll(() => provider.count('effective-permissions'), { interval: 2 }).toBe(2);
    release();
    expect(await told(waiting)).toEqual(NOTHING_FOR_ANY);
    expect((await later).names).toEqual([]);
  });

  it('is asked for again when the change came over a reconnect', async () => {
    const { provider, caughtUp, release, waiting } = await held();
    const reconnect = await provider.cut();
    provider.set(USER, DASHBOARD, []);
    await reconnect();
    await caughtUp();
    release();
    // The cut took the connection of the question as well: whoever was waiting is told nothing, or what is true.
    for (const answer of await waiting) {
      if (answer.status === 'fulfilled') expect(answer.value.names).toEqual([]);
      else expect(answer.reason).toBeInstanceOf(PermissionsUnknown);
    }
  });

  it('is asked for again when a backup was restored meanwhile', async () => {
    const { provider, caughtUp, release, waiting } = await held();
    provider.set(USER, DASHBOARD, []);
    provider.restore('second', 0);
    await caughtUp();
    release();
    expect(await told(waiting)).toEqual(NOTHING_FOR_ANY);
  });

  it('is asked for again when the log was trimmed meanwhile', async () => {
    const { provider, caughtUp, release, waiting } = await held();
    provider.refused.set('changes', { status: 503 });
    provider.set(USER, DASHBOARD, []);
    provider.trim();
    provider.refused.clear();
    await caughtUp();
    release();
    expect(await told(waiting)).toEqual(NOTHING_FOR_ANY);
  });

  it('is of a newer log than the one that is followed: that is read first', async () => {
    const followed = await following({ interval: 10 });
    followed.provider.restore('second', 5);
    const permissions = intersect({ feed: followed.feed });
    expect((await names(permissions.permissionsOf(token(followed, ['read:items'], OLD)))).names).toEqual([]);
    expect(followed.feed.position).toEqual({ incarnation: 'second', number: 5 });
  });
});

describe('when nothing is heard of changes', () => {
  it('before the first snapshot, nothing is decided', async () => {
    const provider = await new ProviderEndpoint().listen();
    provider.refused.set('changes', { status: 503 });
    const permissions = intersect({ feed: follow(provider) });
    expect(() => permissions.permissionsOf(token({ provider }, ['read:items']))).toThrow(PermissionsUnknown);
  });

  it('beyond the bound, nothing is decided; after a reconnect it is again', async () => {
    const followed = await following({ maxStaleness: 1, interval: 0.2 });
    const permissions = intersect({ feed: followed.feed });
    const issued = token(followed, ['read:items']);
    const reconnect = await followed.provider.cut();
    expect((await permissions.permissionsOf(issued)).names.has('read:items')).toBe(true);
    await expect.poll(() => followed.feed.age(), { timeout: 3000, interval: 20 }).toBeGreaterThan(1);
    expect(() => permissions.permissionsOf(issued)).toThrow(
      expect.objectContaining({ code: 'ERR_PERMISSIONS_UNKNOWN', retryAfter: 1 }),
    );
    followed.provider.set(USER, DASHBOARD, []);
    await reconnect();
    const since = performance.now();
    await followed.caughtUp();
    expect(performance.now() - since).toBeLessThan(1000);
    expect((await permissions.permissionsOf(issued)).names.size).toBe(0);
  });

  it('with "stale", what was known goes on, what is known to be taken away does not, and both are told', async () => {
    const stale: number[] = [];
    const followed = await following({ maxStaleness: 1, interval: 0.2 });
    const permissions = intersect({
      feed: followed.feed,
      whenUnknown: 'stale',
      maxStale: 2,
      observer: { decidedStale: (seconds) => void stale.push(seconds) },
    });
    const kept = token(followed, ['read:items']);
    const taken = token(followed, ['read:items'], { subject: 'user|2' });
    followed.provider.touch({ subject: 'user|2' });
    await followed.caughtUp();
    await followed.provider.cut();
    await expect.poll(() => followed.feed.age(), { timeout: 3000 }).toBeGreaterThan(1.1);
    expect((await permissions.permissionsOf(kept)).names.has('read:items')).toBe(true);
    expect(stale[0]).toBeGreaterThan(1);
    await expect(permissions.permissionsOf(taken)).rejects.toBeInstanceOf(PermissionsUnknown);
    await expect.poll(() => followed.feed.age(), { timeout: 5000 }).toBeGreaterThan(3);
    expect(() => permissions.permissionsOf(kept)).toThrow(PermissionsUnknown);
  });

  it('a look-up that is answered 429 says how long to wait', async () => {
    const followed = await following();
    followed.provider.refused.set('effective-permissions', { status: 429, headers: { 'retry-after': '7' } });
    const failed = intersect({ feed: followed.feed }).permissionsOf(token(followed, ['read:items'], OLD));
    await expect(failed).rejects.toMatchObject({ code: 'ERR_PERMISSIONS_UNKNOWN', retryAfter: 7 });
  });

  it.each<[string, unknown]>([
    ['no permissions', { incarnation: 'first', number: 1 }],
    ['permissions that are no list', { permissions: 'read:items', incarnation: 'first', number: 1 }],
    ['a list with something else in it', { permissions: ['read:items', 7], incarnation: 'first', number: 1 }],
    ['no number', { permissions: ['read:items'] }],
  ])('a look-up that is answered with %s is none', (_case, answer) => {
    expect(() => readLiveAnswer(answer)).toThrow(TypeError);
  });
});

describe('what intersect() is given', () => {
  it.each<[string, object, RegExp]>([
    ['no feed', {}, /^"feed" must be what changeFeed\(\) makes/],
    ['another fail mode', { whenUnknown: 'allow' }, /^"whenUnknown" must be "refuse" or "stale"$/],
    ['a bound without its mode', { maxStale: 60 }, /^"maxStale" goes with "whenUnknown: 'stale'" alone$/],
    [
      'a bound that is none',
      { whenUnknown: 'stale', maxStale: 0 },
      /^"maxStale" must be 1 to 86400 seconds$/,
    ],
    ['no memory', { maxEntries: 0 }, /^"maxEntries" must be/],
    ['clients that are no list', { firstPartyClients: 'one' }, /^"firstPartyClients" must be a list/],
  ])('refuses to start with %s', async (wrong, options, message) => {
    const provider = await new ProviderEndpoint().listen();
    const feed = wrong === 'no feed' ? undefined : follow(provider);
    expect(() => Reflect.apply(intersect, undefined, [{ feed, ...options }])).toThrow(message);
  });
});
