import { auth0Lookup, live, PermissionsUnknown } from '@portcullis/permissions';
import { describe, expect, it } from 'vitest';
import { API, Auth0Endpoint } from './auth0-endpoint.ts';
import { authentication } from './authentication.ts';

const USER = 'auth0|0123456789abcdef01234567';
const MACHINE = { kind: 'machine', client: 'a-machine', subject: 'a-machine@clients' } as const;

/** A token of that user that was issued for all of these. */
function token(subject = USER, spoiled: Parameters<typeof authentication>[0] = {}) {
  return authentication({ subject, permissions: ['read:items', 'create:items'], ...spoiled });
}

async function auth0(options: { requestsPerSecond?: number } = { requestsPerSecond: 1000 }) {
  const endpoint = await new Auth0Endpoint().listen();
  endpoint.users.set(USER, ['read:items']);
  return { endpoint, lookup: auth0Lookup({ ...endpoint.options, ...options }) };
}

describe('permissions by Auth0’s Management API', () => {
  it('are the user’s at this API, within the token', async () => {
    const { lookup } = await auth0();
    const { names } = await live({ lookup, audience: API }).permissionsOf(token());
    expect([...names]).toEqual(['read:items']);
  });

  it('are gathered from all pages', async () => {
    const { endpoint, lookup } = await auth0();
    const many = Array.from({ length: 230 }, (_, number) => `read:items${number}`);
    endpoint.users.set(USER, many);
    const answer = await lookup(token(), new AbortController().signal);
    expect(answer.permissions).toEqual(many);
    expect(endpoint.asked).toHaveLength(3);
  });

  it('of a user who is not there any more are none', async () => {
    const { lookup } = await auth0();
    const { names } = await live({ lookup, audience: API }).permissionsOf(token('auth0|gone'));
    expect(names.size).toBe(0);
  });

  it('of a machine are its client grant’s, and nobody else’s', async () => {
    const { endpoint, lookup } = await auth0();
    endpoint.grants.push(
      { client_id: 'a-machine', audience: API, scope: ['read:items'] },
      { client_id: 'another', audience: API, scope: ['create:items'] },
      { client_id: 'a-machine', audience: 'https://another-api.example.com', scope: ['create:items'] },
    );
    const { names } = await live({ lookup, audience: API }).permissionsOf(token('', MACHINE));
    expect([...names]).toEqual(['read:items']);
  });

  it('are asked for once, however many wait, and again when the answer is too old', async () => {
    const { endpoint, lookup } = await auth0();
    const permissions = live({ lookup, audience: API, maxAge: 1 });
    const issued = token();
    await Promise.all(Array.from({ length: 50 }, async () => permissions.permissionsOf(issued)));
    await permissions.permissionsOf(issued);
    expect(endpoint.asked).toHaveLength(1);
    endpoint.users.set(USER, []);
    await expect
      .poll(async () => (await permissions.permissionsOf(issued)).names.size, { timeout: 3000 })
      .toBe(0);
    expect(endpoint.asked).toHaveLength(2);
  });

  it('are asked for anew after forget()', async () => {
    const { endpoint, lookup } = await auth0();
    const permissions = live({ lookup, audience: API });
    const issued = token();
    expect((await permissions.permissionsOf(issued)).names.size).toBe(1);
    endpoint.users.set(USER, []);
    permissions.forget();
    expect((await permissions.permissionsOf(issued)).names.size).toBe(0);
  });
});

describe('the budget of the Management API', () => {
  it('is never exceeded, however many callers there are', async () => {
    const { endpoint, lookup } = await auth0({ requestsPerSecond: 10 });
    const permissions = live({ lookup, audience: API });
    const asking = Array.from({ length: 100 }, async (_, number) =>
      permissions.permissionsOf(token(`auth0|${number}`)),
    );
    const answers = await Promise.allSettled(asking);
    const seconds = ((endpoint.asked.at(-1) ?? 0) - (endpoint.asked[0] ?? 0)) / 1000;
    expect(endpoint.asked.length).toBeLessThanOrEqual(10 * (seconds + 1) + 1);
    // Who would have had to wait too long is told to come back.
    const unknown = answers.filter(({ status }) => status === 'rejected');
    expect(unknown.length).toBeGreaterThan(30);
    expect(unknown).toEqual(
      unknown.map(() => ({ status: 'rejected', reason: expect.any(PermissionsUnknown) })),
    );
    expect(endpoint.asked.length + unknown.length).toBe(100);
  }, 15_000);

  it('is empty for as long as a 429 says', async () => {
    const { endpoint, lookup } = await auth0();
    const permissions = live({ lookup, audience: API });
    endpoint.refusal = { status: 429, headers: { 'retry-after': '2' } };
    await expect(permissions.permissionsOf(token())).rejects.toMatchObject({
      code: 'ERR_PERMISSIONS_UNKNOWN',
      retryAfter: 2,
    });
    endpoint.refusal = undefined;
    const refusedAt = endpoint.asked.at(-1) ?? 0;
    await permissions.permissionsOf(token());
    expect((endpoint.asked.at(-1) ?? 0) - refusedAt).toBeGreaterThan(1800);
  });

  it('is read off Auth0’s own header where there is no Retry-After', async () => {
    const { endpoint, lookup } = await auth0();
    const reset = String(Math.floor(Date.now() / 1000) + 30);
    endpoint.refusal = {
      status: 429,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
    };
    const refused = live({ lookup, audience: API }).permissionsOf(token());
    await expect(refused).rejects.toSatisfy(
      (error: PermissionsUnknown) => error.retryAfter >= 29 && error.retryAfter <= 30,
    );
  });
});

describe('when it does not answer', () => {
  it('nobody is let in by an answer that is too old', async () => {
    const { endpoint, lookup } = await auth0();
    const permissions = live({ lookup, audience: API, maxAge: 0 });
    await permissions.permissionsOf(token());
    endpoint.refusal = { status: 500 };
    await expect(permissions.permissionsOf(token())).rejects.toBeInstanceOf(PermissionsUnknown);
  });

  it('with "stale", the last answer serves for as long as was chosen, and that is told', async () => {
    const stale: number[] = [];
    const { endpoint, lookup } = await auth0();
    const permissions = live({
      lookup,
      audience: API,
      maxAge: 0,
      whenUnknown: 'stale',
      maxStale: 1,
      observer: { decidedStale: (seconds) => void stale.push(seconds) },
    });
    await permissions.permissionsOf(token());
    endpoint.refusal = { status: 500 };
    expect((await permissions.permissionsOf(token())).names.has('read:items')).toBe(true);
    expect(stale).toHaveLength(1);
    await expect(permissions.permissionsOf(token('auth0|unknown'))).rejects.toBeInstanceOf(
      PermissionsUnknown,
    );
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await expect(permissions.permissionsOf(token())).rejects.toBeInstanceOf(PermissionsUnknown);
  });
});

describe('a look-up of one’s own, such as a query of a database', () => {
  const query = (rows: Readonly<Record<string, readonly string[]>>) =>
    live({ audience: API, lookup: async ({ subject }) => ({ permissions: rows[subject] ?? [] }) });

  it('grants what it names within the scope of a token without a permissions claim', async () => {
    const permissions = query({ [USER]: ['read:items', 'create:items'] });
    const issued = authentication({ subject: USER, scope: 'read:items delete:items' });
    const { names, withheld, sources } = await permissions.permissionsOf(issued);
    expect([[...names], [...withheld], [...sources]]).toEqual([
      ['read:items'],
      ['create:items'],
      [['read:items', ['scope', 'live']]],
    ]);
  });

  it.each<[string, unknown]>([
    ['no answer', undefined],
    ['a text', { permissions: 'read:items' }],
    ['a list with something else in it', { permissions: ['read:items', null] }],
  ])('that gives %s is unknown, not everything and not nothing', async (_case, answer) => {
    const permissions = Reflect.apply(live, undefined, [
      { audience: API, lookup: () => Promise.resolve(answer) },
    ]);
    await expect(permissions.permissionsOf(token())).rejects.toBeInstanceOf(PermissionsUnknown);
  });

  it('that throws is unknown, and its message is not for the caller', async () => {
    const lookup = () => Promise.reject(new Error('select * from secrets'));
    const error = await Promise.resolve(live({ audience: API, lookup }).permissionsOf(token())).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      message: 'what this caller may do cannot be told now; try again later',
      hint: expect.stringMatching(/select/),
    });
  });
});

describe('what live() and auth0Lookup() are given', () => {
  const lookup = () => Promise.resolve({ permissions: [] });

  it.each<[string, object, RegExp]>([
    ['nobody to ask', { audience: API }, /^"feed" or "lookup" must be set/],
    ['no audience', { lookup }, /^"audience" must be a non-empty string$/],
    [
      'an age beyond an hour',
      { lookup, audience: API, maxAge: 3601 },
      /^"maxAge" must be 0 to 3600 seconds$/,
    ],
  ])('live() refuses to start with %s', (_case, options, message) => {
    expect(() => Reflect.apply(live, undefined, [options])).toThrow(message);
  });

  it.each<[string, object, RegExp]>([
    ['no audience', { audience: '' }, /^"audience" must be/],
    ['no requests', { requestsPerSecond: 0 }, /^"requestsPerSecond" must be/],
    ['plain http', { managementApi: 'http://tenant.example/api/v2/' }, /^"managementApi" must be https/],
  ])('auth0Lookup() refuses to start with %s', (_case, wrong, message) => {
    const right = {
      managementApi: 'https://tenant.example/api/v2/',
      clientId: 'a',
      clientSecret: 'b',
      audience: API,
    };
    expect(() => Reflect.apply(auth0Lookup, undefined, [{ ...right, ...wrong }])).toThrow(message);
  });
});
