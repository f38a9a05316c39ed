import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GUEST, startForTest } from './support/identity.ts';
import { MENU_API, token } from './support/login.ts';
import {
  ADMIN_MACHINE_SECRET,
  grantedMachine,
  machineToken,
  manage,
  managementApi,
  type Answer,
} from './support/management.ts';

// One test starts an identity of its own, which takes a while on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const ADMIN_ORIGIN = 'http://localhost:4040';

let identity: Awaited<ReturnType<typeof startForTest>>;
let admin: string;
let guestId: string;
beforeAll(async () => {
  identity = await startForTest({ SEED_ADMIN_MACHINE_SECRET: ADMIN_MACHINE_SECRET });
  admin = await machineToken(identity.url);
  const { body } = await manage(identity.url, admin, `GET users-by-email?email=${GUEST.email}`);
  guestId = encodeURIComponent((body as { user_id: string }[])[0]?.user_id ?? '');
});
afterAll(() => identity.stop());

/** As a client does that keeps to the limit. */
async function ask(request: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
  for (;;) {
    const answer = await manage(identity.url, admin, request.replace('{guest}', guestId), body, headers);
    if (answer.status !== 429) return answer;
    await new Promise((resolve) => setTimeout(resolve, Number(answer.headers.get('retry-after')) * 1000));
  }
}

const someId = expect.any(String) as string;
const oneItem = (permission_name: string) => ({
  permissions: [{ resource_server_identifier: MENU_API, permission_name }],
});

describe('statuses, as Auth0 has them', () => {
  it.each<[request: string, body: unknown, status: number, answer: unknown]>([
    [
      'POST users',
      { connection: 'Username-Password-Authentication', email: 'w@example.com', password: 'long enough' },
      201,
      expect.objectContaining({ user_id: someId }),
    ],
    ['PATCH users/{guest}', { nickname: 'gus' }, 200, expect.objectContaining({ nickname: 'gus' })],
    ['POST users/{guest}/permissions', oneItem('read:items'), 201, {}],
    ['DELETE users/{guest}/permissions', oneItem('read:items'), 204, undefined],
    ['POST roles', { name: 'wire' }, 200, expect.objectContaining({ id: someId, description: '' })],
    [
      'POST resource-servers',
      { identifier: 'https://wire.example/' },
      201,
      expect.objectContaining({ id: someId }),
    ],
    ['DELETE resource-servers/https%3A%2F%2Fwire.example%2F', undefined, 204, undefined],
    ['POST clients', { name: 'wire' }, 201, expect.objectContaining({ client_secret: someId })],
    ['DELETE users/{guest}/sessions', undefined, 202, {}],
    ['DELETE users/{guest}/refresh-tokens', undefined, 202, {}],
    ['DELETE grants?user_id={guest}', undefined, 204, undefined],
    ['POST refresh-tokens/revoke', { user_id: 'portcullis|nobody' }, 204, undefined],
    ['POST users/{guest}/revoke-access', {}, 202, {}],
  ])('%s', async (request, body, status, answer) => {
    expect(await ask(request, body)).toMatchObject({ status, body: answer });
  });
});

describe('errors, as Auth0 writes them', () => {
  it.each<[request: string, body: unknown, status: number, error: object]>([
    [
      'GET users/nobody',
      undefined,
      404,
      { errorCode: 'inexistent_user', message: 'The user does not exist.' },
    ],
    ['GET users/nobody/roles', undefined, 404, { errorCode: 'inexistent_user' }],
    ['DELETE users/nobody', undefined, 404, { errorCode: 'inexistent_user' }],
    ['GET roles/rol_none', undefined, 404, { errorCode: 'inexistent_role' }],
    ['POST users/{guest}/roles', { roles: ['rol_none'] }, 404, { errorCode: 'inexistent_role' }],
    [
      'POST users/{guest}/permissions',
      { permissions: [{ resource_server_identifier: 'https://none', permission_name: 'a:b' }] },
      404,
      { errorCode: 'inexistent_resource_server' },
    ],
    ['POST users/{guest}/permissions', oneItem('paint:items'), 400, { errorCode: 'invalid_body' }],
    ['GET resource-servers/https%3A%2F%2Fnone', undefined, 404, { errorCode: 'inexistent_resource_server' }],
    ['GET sessions/none', undefined, 404, { errorCode: 'inexistent_session' }],
    ['GET clients/none', undefined, 404, { errorCode: 'inexistent_client' }],
    ['DELETE grants/none', undefined, 404, { errorCode: 'inexistent_grant' }],
    ['GET logs/none', undefined, 404, { errorCode: 'inexistent_log' }],
    ['GET nothing/here?token=secret', undefined, 404, { message: 'Not Found' }],
    ['PATCH users/{guest}', { user_id: 'other' }, 400, { errorCode: 'invalid_body' }],
    [
      'PATCH users/{guest}',
      { name: 7 },
      400,
      {
        errorCode: 'invalid_body',
        message: expect.stringMatching(
          /^Payload validation error: '.*string.*' on property name\.$/,
        ) as string,
      },
    ],
    ['PATCH users/{guest}', { name: 'a\0b' }, 400, { errorCode: 'invalid_body' }],
    [
      'PATCH users/{guest}',
      { user_metadata: { deep: [{ x: '\ud800' }] } },
      400,
      { errorCode: 'invalid_body' },
    ],
    ['PATCH users/{guest}', '{"name":"a","name":"b"}', 400, { errorCode: 'invalid_body' }],
    ['PATCH users/{guest}', '{"user_metadata":{"__proto__":{}}}', 400, { errorCode: 'invalid_body' }],
    ['PATCH users/{guest}', '{"name":', 400, { errorCode: 'invalid_body' }],
    ['PATCH users/{guest}', { name: 'x'.repeat(300_000) }, 413, { error: 'Payload Too Large' }],
    ['GET users/a%00b', undefined, 400, { errorCode: 'invalid_uri' }],
    ['GET users?per_page=101', undefined, 400, { errorCode: 'invalid_query_string' }],
    ['GET users?colour=red', undefined, 400, { errorCode: 'invalid_query_string' }],
    ['GET users?sort=password_hash:1', undefined, 400, { errorCode: 'invalid_query_string' }],
    ["GET users?q=name:x'%20OR%20'1'='1", undefined, 400, { errorCode: 'invalid_query_string' }],
    ['GET users?q=name:a*b*', undefined, 400, { errorCode: 'invalid_query_string' }],
    ['GET users?take=1&from=!!', undefined, 400, { errorCode: 'invalid_query_string' }],
    ['POST refresh-tokens/revoke', {}, 400, { errorCode: 'invalid_body' }],
    ['POST refresh-tokens/revoke', { user_id: 'a', audience: 'b' }, 400, { errorCode: 'invalid_body' }],
  ])('%s %j', async (request, body, status, error) => {
    const answer = await ask(request, body);
    expect(answer).toMatchObject({ status, body: { statusCode: status, ...error } });
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|password_hash|select|postgres/i);
  });

  it.each<[who: string, authorization: string, status: number, error: object, challenge: RegExp]>([
    [
      'nobody',
      '',
      401,
      { message: 'Missing authentication', attributes: { error: 'Missing authentication' } },
      /^Bearer realm="[^"]+"$/,
    ],
    ['a forger', 'Bearer a.b.c', 401, { message: 'Invalid token' }, /error="invalid_token"/],
    [
      'broken grammar',
      'Bearer a b',
      400,
      { message: 'Bad HTTP authentication header format' },
      /error="invalid_request"/,
    ],
  ])('to %s', async (_who, authorization, status, error, challenge) => {
    const answer = await manage(
      identity.url,
      '',
      'GET users',
      undefined,
      authorization ? { Authorization: authorization } : {},
    );
    expect(answer).toMatchObject({ status, body: { statusCode: status, ...error } });
    expect(answer.headers.get('www-authenticate')).toMatch(challenge);
  });

  it('to whoever has a token for another API', async () => {
    const response = await token(identity.url, {
      grant_type: 'client_credentials',
      client_id: 'wab-machine',
      client_secret: 'machine-secret-for-tests-0123456789abcdef',
      audience: MENU_API,
    });
    const { access_token } = (await response.json()) as { access_token: string };
    expect(await manage(identity.url, access_token, 'GET users')).toMatchObject({ status: 401 });
  });

  it('to whoever lacks the permission, before a body is read', async () => {
    const reader = await grantedMachine(identity.url, admin, ['read:users']);
    expect(await manage(identity.url, await reader.token(), 'GET users')).toMatchObject({ status: 200 });
    const answer = await manage(identity.url, await reader.token(), 'POST roles', '{"broken');
    expect(answer).toMatchObject({
      status: 403,
      body: {
        error: 'Forbidden',
        message: 'Insufficient scope, expected any of: create:roles',
        errorCode: 'insufficient_scope',
      },
    });
    expect(answer.headers.get('www-authenticate')).toMatch(/error="insufficient_scope"/);
  });
});

describe('pages', () => {
  it('by offset are a bare array, or one with totals; they end at the thousandth row', async () => {
    expect((await ask('GET roles?per_page=1')).body).toHaveLength(1);
    expect((await ask('GET roles?per_page=1&page=1&include_totals=true')).body).toMatchObject({
      start: 1,
      limit: 1,
      total: expect.any(Number) as number,
      roles: [{ id: someId }],
    });
    expect((await ask('GET users?per_page=100&page=9')).body).toEqual([]);
    expect(await ask('GET users?per_page=100&page=10')).toMatchObject({
      status: 400,
      body: { errorCode: 'invalid_query_string' },
    });
  });

  it('by checkpoint go on from where the last one ended, and say when there is no more', async () => {
    const seen: string[] = [];
    for (let from = ''; ;) {
      // `take` wins where both kinds are asked for.
      const { body } = await ask(`GET clients?take=2&page=5&include_totals=true${from && `&from=${from}`}`);
      const { clients, next } = body as { clients: { client_id: string }[]; next?: string };
      seen.push(...clients.map(({ client_id }) => client_id));
      if (next === undefined) break;
      from = next;
    }
    const { body } = await ask('GET clients?per_page=100');
    expect(seen).toEqual((body as { client_id: string }[]).map(({ client_id }) => client_id));
  });
});

describe('the rate limit', () => {
  it('is told in every answer', async () => {
    const before = Date.now() / 1000;
    for (const { headers } of [await ask('GET roles'), await manage(identity.url, '', 'GET roles')]) {
      expect(headers.get('x-ratelimit-limit')).toBe('100');
      expect(Number(headers.get('x-ratelimit-remaining'))).toBeLessThan(100);
      const reset = Number(headers.get('x-ratelimit-reset'));
      expect(reset).toBeGreaterThanOrEqual(Math.floor(before));
      expect(reset).toBeLessThanOrEqual(Date.now() / 1000 + 2);
    }
  });

  it('holds for each client by itself', async () => {
    const narrow = await startForTest({
      SEED_ADMIN_MACHINE_SECRET: ADMIN_MACHINE_SECRET,
      MANAGEMENT_RATE_LIMIT: '1',
    });
    try {
      const one = await machineToken(narrow.url);
      const [first, second] = await Promise.all([
        manage(narrow.url, one, 'GET roles'),
        manage(narrow.url, one, 'GET roles'),
      ]);
      const refused = first.status === 429 ? first : second;
      expect(new Set([first.status, second.status])).toEqual(new Set([200, 429]));
      expect(refused.body).toEqual({
        statusCode: 429,
        error: 'Too Many Requests',
        message: 'Global limit has been reached',
        errorCode: 'too_many_requests',
      });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
      // Nobody is another, and has a bucket as well.
      expect(await manage(narrow.url, '', 'GET roles')).toMatchObject({ status: 401 });
    } finally {
      await narrow.stop();
    }
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string, path = 'users') =>
    fetch(`${managementApi(identity.url)}${path}`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'PATCH' },
    });

  it('may call if they are the administration’s', async () => {
    const { status, headers } = await preflight(ADMIN_ORIGIN);
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(ADMIN_ORIGIN);
    expect(headers.get('access-control-allow-methods')).toContain('PATCH');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
    const answer = await ask('GET roles', undefined, { Origin: ADMIN_ORIGIN });
    expect(answer.headers.get('access-control-allow-origin')).toBe(ADMIN_ORIGIN);
    expect(answer.headers.get('access-control-expose-headers')).toContain('X-RateLimit-Reset');
    expect(answer.headers.get('vary')).toContain('Origin');
  });

  it.each([
    'https://evil.example',
    'null',
    'http://localhost:4041',
    'https://localhost:4040',
    'http://localhost:4040.evil.example',
  ])('may not: %s', async (origin) => {
    const { headers } = await preflight(origin);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    const answer = await ask('GET roles', undefined, { Origin: origin });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('vary')).toContain('Origin');
  });
});
