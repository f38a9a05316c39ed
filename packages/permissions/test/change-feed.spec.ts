import { changeFeed, type Touched } from '@portcullis/permissions';
import { createDenyList, TokenRevoked } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { authentication } from './authentication.ts';
import { follow, following } from './following.ts';
import { AUDIENCE, CLIENT, ProviderEndpoint } from './provider-endpoint.ts';

describe('the token for the Management API', () => {
  it('is fetched once for all that ask at once', async () => {
    const { provider } = await following();
    expect(provider.count('oauth/token')).toBe(1);
  });

  it('is renewed before it ends', async () => {
    const provider = await new ProviderEndpoint().listen();
    provider.tokenLife = 11; // renewed ten seconds before
    const feed = follow(provider, { interval: 0.1, maxStaleness: 5 });
    await feed.ready();
    await expect.poll(() => provider.count('oauth/token'), { timeout: 4000 }).toBeGreaterThan(1);
  });

  it('is renewed when it is refused before that', async () => {
    const { provider, feed, caughtUp } = await following();
    provider.dropTokens();
    provider.touch({});
    await caughtUp();
    await feed.catchUp();
    expect(provider.count('oauth/token')).toBe(2);
  });

  it('may be somebody else’s to get', async () => {
    const { provider } = await following();
    const token = provider.seen.find(({ path }) => path === 'changes')?.headers.authorization ?? '';
    const feed = changeFeed({
      issuer: provider.issuer,
      audience: AUDIENCE,
      managementApi: `${provider.issuer}api/v2/`,
      tokenOf: () => token.replace('Bearer ', ''),
    });
    onTestFinished(() => feed.close());
    await feed.ready();
    expect(provider.count('oauth/token')).toBe(1);
  });

  it('is nowhere in what is told of a failure, and neither is the secret', async () => {
    const told: string[] = [];
    const provider = await new ProviderEndpoint().listen();
    provider.refused.set('changes', { status: 500 });
    follow(provider, {
      observer: { changesFailed: (error) => void told.push(`${error.stack}${String(error.cause)}`) },
    });
    await expect.poll(() => told.length).toBeGreaterThan(0);
    expect(told.join()).toMatch(/answered with status 500/);
    expect(told.join()).not.toMatch(/token-\d|a secret/);
  });
});

describe('a change', () => {
  it('is known as soon as the stream says that there is one', async () => {
    const { provider, feed, caughtUp } = await following({ interval: 10 });
    const since = performance.now();
    const number = provider.touch({ subject: 'user|1' });
    await caughtUp();
    expect(performance.now() - since).toBeLessThan(500);
    expect([feed.lastTouch('user|1', undefined), feed.lastTouch('user|2', undefined)]).toEqual([number, 0]);
  });

  it('is known after the interval where there is no stream', async () => {
    const provider = await new ProviderEndpoint().listen();
    provider.refused.set('changes/stream', { status: 404 });
    const feed = follow(provider, { interval: 0.2 });
    await feed.ready();
    const number = provider.touch({});
    await expect.poll(() => feed.position?.number, { timeout: 2000 }).toBe(number);
  });

  it('is told to whoever has connections open, with whom it is about', async () => {
    const { provider, feed, caughtUp } = await following();
    const told: (Touched | undefined)[] = [];
    const stop = feed.onNews((who) => void told.push(who));
    provider.touch({ subject: 'user|1' });
    await caughtUp();
    provider.touch({ client: 'a-client' });
    await caughtUp();
    provider.deny('session', 'nobody is asked about permissions for that');
    await caughtUp();
    stop();
    provider.touch({});
    await caughtUp();
    expect(told).toEqual([{ issuer: provider.issuer, subject: 'user|1' }, undefined]);
  });

  it('is asked for from where the feed had come, also by the stream', async () => {
    const { provider, caughtUp } = await following();
    provider.touch({});
    await caughtUp();
    const reconnect = await provider.cut();
    await reconnect();
    await expect.poll(() => provider.count('changes/stream')).toBe(2);
    expect(provider.seen.findLast(({ path }) => path === 'changes/stream')?.headers['last-event-id']).toBe(
      'first:1',
    );
  });
});

describe('a stream that falls silent', () => {
  it('is opened anew', async () => {
    const { provider } = await following({ silence: 1 });
    await expect.poll(() => provider.count('changes/stream'), { timeout: 4000 }).toBeGreaterThan(1);
  });
});

describe('an answer of the feed', () => {
  const page = { incarnation: 'first', number: 1, snapshot: false, touches: [], denials: [] };
  const denial = { number: 1, by: 'session', value: 's', issuedUntil: null, expiresAt: 1 };

  it.each<[string, unknown]>([
    ['no object', []],
    ['without a number', { ...page, number: undefined }],
    ['with a number that is no whole one', { ...page, number: 1.5 }],
    ['of another log, but no snapshot', { ...page, incarnation: 'second' }],
    ['a snapshot without a floor', { ...page, snapshot: true }],
    ['with a touch of nobody knows whom', { ...page, touches: [{ number: 1, subject: 7, client: null }] }],
    ['with a touch without a client', { ...page, touches: [{ number: 1, subject: null }] }],
    ['with a denial by something else', { ...page, denials: [{ ...denial, by: 'name' }] }],
    ['with a denial of nothing', { ...page, denials: [{ ...denial, value: '' }] }],
    ['with a denial for no time', { ...page, denials: [{ ...denial, expiresAt: null }] }],
  ])('is none: %s', async (_case, answer) => {
    const failed: Error[] = [];
    const { provider, feed } = await following({
      observer: { changesFailed: (error) => void failed.push(error) },
    });
    provider.spoiled = answer;
    await feed.catchUp();
    expect(failed).not.toEqual([]);
    expect(feed.position).toEqual({ incarnation: 'first', number: 0 });
  });

  it('that has gone back in its own log is none', async () => {
    const failed: Error[] = [];
    const { provider, feed, caughtUp } = await following({
      observer: { changesFailed: (error) => void failed.push(error) },
    });
    provider.touch({});
    provider.touch({});
    await caughtUp();
    provider.restore('first', 1);
    await feed.catchUp();
    expect(failed[0]?.message).toMatch(/has gone back in its own log/);
  });
});

describe('a deny-list on the feed', () => {
  async function denying(options: Parameters<typeof following>[0] = {}) {
    const followed = await following(options);
    const list = createDenyList({
      source: followed.feed.revocations,
      maxStaleness: options.maxStaleness ?? 30,
      interval: 0.2,
    });
    onTestFinished(() => list.close());
    await list.ready();
    const { issuer } = followed.provider;
    const verdictOn = (session: string): string => {
      try {
        list.check(authentication({ issuer, session }), 5, undefined);
        return 'passes';
      } catch (error) {
        return error instanceof Error ? error.name : '';
      }
    };
    return { ...followed, list, verdictOn };
  }

  it('denies what the provider denied, at once', async () => {
    const { provider, verdictOn } = await denying();
    expect(verdictOn('one')).toBe('passes');
    provider.deny('session', 'one');
    await expect.poll(() => verdictOn('one'), { interval: 2, timeout: 500 }).toBe('TokenRevoked');
    expect(verdictOn('two')).toBe('passes');
  });

  it('takes over what was denied before it began', async () => {
    const { provider, feed, caughtUp } = await following();
    provider.deny('session', 'one');
    await caughtUp();
    const list = createDenyList({ source: feed.revocations });
    onTestFinished(() => list.close());
    await list.ready();
    const denied = authentication({ issuer: provider.issuer, session: 'one' });
    expect(() => list.check(denied, 5, undefined)).toThrow(TokenRevoked);
  });

  it('goes on denying what a restored backup has forgotten', async () => {
    const { provider, feed, verdictOn, list } = await denying({ interval: 0.2 });
    provider.deny('session', 'one');
    await expect.poll(() => verdictOn('one')).toBe('TokenRevoked');
    provider.restore('second', 0);
    await expect.poll(() => feed.position?.incarnation).toBe('second');
    provider.deny('session', 'two');
    await expect.poll(() => verdictOn('two')).toBe('TokenRevoked');
    expect(verdictOn('one')).toBe('TokenRevoked');
    expect(list.size).toBe(2);
  });

  it('knows how old the feed’s own news is', async () => {
    const { provider, verdictOn, feed } = await denying({ maxStaleness: 1, interval: 0.2 });
    await provider.cut();
    await expect.poll(() => feed.age(), { timeout: 3000 }).toBeGreaterThan(1);
    expect(verdictOn('one')).toBe('RevocationUnknown');
  });
});

describe('closing', () => {
  it('ends every request', async () => {
    const { provider, feed } = await following({ interval: 0.1 });
    feed.close();
    const before = provider.seen.length;
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(provider.seen.length).toBe(before);
  });
});

describe('what changeFeed() is given', () => {
  const right = {
    issuer: 'https://login.example/',
    audience: AUDIENCE,
    managementApi: 'https://login.example/api/v2/',
    ...CLIENT,
  };

  it.each<[string, object, string]>([
    ['no issuer', { issuer: '' }, '"issuer" must be a non-empty string'],
    ['no audience', { audience: undefined }, '"audience" must be a non-empty string'],
    ['no address', { managementApi: 'login' }, '"managementApi" must be an absolute URL'],
    [
      'plain http',
      { managementApi: 'http://login.example/api/v2/' },
      '"managementApi" must be https, or http on loopback',
    ],
    [
      'a query',
      { managementApi: 'https://login.example/api/v2/?a' },
      '"managementApi" must have neither query, fragment nor credentials',
    ],
    [
      'no slash at the end',
      { managementApi: 'https://login.example/api/v2' },
      '"managementApi" must end in a slash, such as "https://login.example/api/v2/"',
    ],
    ['no client', { clientId: undefined }, '"clientId" must be a non-empty string'],
    ['no secret', { clientSecret: '' }, '"clientSecret" must be a non-empty string'],
    ['no patience', { maxStaleness: 0 }, '"maxStaleness" must be 1 to 300 seconds'],
    [
      'an interval beyond half of it',
      { maxStaleness: 10, interval: 6 },
      '"interval" must be 0.1 to 5 seconds',
    ],
  ])('refuses to start with %s', (_case, wrong, message) => {
    expect(() => Reflect.apply(changeFeed, undefined, [{ ...right, ...wrong }])).toThrow(
      new TypeError(message),
    );
  });
});
