import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_PERMISSIONS, dish, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const ABSENT = '01a20b3e-cc2e-77fa-81d0-e41ca32c9a16';

/** Who may do what: the whole contract, row by row. */
const ROUTES = [
  { method: 'POST', path: '/api/menu/items', needs: ['create:items'], allowed: 201 },
  { method: 'PUT', path: `/api/menu/items/${ABSENT}`, needs: ['update:items'], allowed: 404 },
  { method: 'PATCH', path: `/api/menu/items/${ABSENT}`, needs: ['update:items'], allowed: 404 },
  { method: 'DELETE', path: `/api/menu/items/${ABSENT}`, needs: ['delete:items'], allowed: 404 },
  { method: 'POST', path: '/api/menu/reset', needs: ['create:items', 'delete:items'], allowed: 200 },
  { method: 'DELETE', path: '/api/menu/items', needs: ['delete:items'], allowed: 204 },
];
const json = dish();
const ALGORITHMS = 'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519';

describe.each(ROUTES)('$method $path', ({ method, path, needs, allowed }) => {
  const body = method === 'DELETE' || path.endsWith('reset') ? {} : { json };

  it('is 401 with two bare challenges for nobody', async () => {
    const response = await api.call(method, path, body);
    const metadata = `resource_metadata="${api.url}/.well-known/oauth-protected-resource"`;
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer realm="https://menu-api.example.com", ${metadata}, DPoP realm="https://menu-api.example.com", ${metadata}, algs="${ALGORITHMS}"`,
    ]);
  });

  it('is 401 invalid_token for an expired one, whatever it may do', async () => {
    const token = await api.admin({ exp: Math.floor(Date.now() / 1000) - 90 });
    const response = await api.call(method, path, { ...body, token });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('opens to exactly the sets of permissions that hold all it needs', async () => {
    for (let mask = 0; mask < 1 << ALL_PERMISSIONS.length; mask += 1) {
      const permissions = ALL_PERMISSIONS.filter((_, index) => mask & (1 << index));
      const response = await api.call(method, path, { ...body, token: await api.admin({ permissions }) });
      const missing = needs.filter((permission) => !permissions.includes(permission));
      expect(response.status, permissions.join(' ')).toBe(missing.length === 0 ? allowed : 403);
      if (missing.length > 0)
        expect(await response.json()).toMatchObject({ missingPermissions: missing, statusCode: 403 });
    }
  });
});

describe('the order of a write', () => {
  it('judges the token before the permission, the permission before the body, the body before the item', async () => {
    const broken = { body: '{"name":' };
    const item = `/api/menu/items/${ABSENT}`;
    const powerless = await api.admin({ permissions: [] });
    const token = await api.admin();
    const stale = { 'if-match': '"7"' };
    expect((await api.call('PUT', item, broken)).status).toBe(401);
    expect((await api.call('PUT', item, { ...broken, token: powerless })).status).toBe(403);
    expect((await api.call('PUT', item, { ...broken, token })).status).toBe(400);
    expect((await api.call('PUT', item, { json, token, headers: stale })).status).toBe(404);
    const created = await api.call('POST', '/api/menu/items', { json, token });
    const location = created.headers.get('location') ?? '';
    expect((await api.call('PUT', location, { json, token, headers: stale })).status).toBe(412);
    expect((await api.call('PUT', location, { json, token })).status).toBe(200);
  });
});

describe('permissions are exact strings in an array, within the token’s own scope', () => {
  it.each<[string, unknown]>([
    ['a string', 'create:items'],
    ['a string that contains it', 'xcreate:itemsx'],
    ['an object', { 'create:items': true }],
    ['a nested array', [['create:items']]],
    ['a star', ['*']],
    ['another case', ['CREATE:ITEMS']],
    ['a longer name', ['create:items2']],
    ['a zero-width space inside', ['create:\u200bitems']],
    ['null', null],
    ['no claim at all', undefined],
    ['prototype names', ['__proto__', 'constructor']],
  ])('%s grants nothing', async (_what, permissions) => {
    const response = await api.call('POST', '/api/menu/items', {
      json,
      token: await api.admin({ permissions }),
    });
    expect(response.status).toBe(403);
  });

  it('a third-party client gets what its scope names; the challenge says which scope could help', async () => {
    const narrow = await api.admin({ client_id: 'supper-club', scope: 'openid read:items' });
    const refused = await api.call('POST', '/api/menu/items', { json, token: narrow });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringMatching(/error="insufficient_scope", scope="create:items"/),
    ]);
    const asked = await api.admin({ client_id: 'supper-club', scope: 'openid create:items' });
    expect((await api.call('POST', '/api/menu/items', { json, token: asked })).status).toBe(201);
  });

  it('a first-party client acts with all its user holds', async () => {
    const token = await api.admin({ client_id: 'wab-dashboard', scope: 'openid profile email' });
    expect((await api.call('POST', '/api/menu/items', { json, token })).status).toBe(201);
  });
});

describe('what a public page is independent of', () => {
  it.each([
    'GET /api/menu/items',
    'GET /api/menu/menus',
    'GET /health/live',
    'GET /openapi.json',
    'GET /docs',
  ])('%s answers 200 with a garbage credential', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const response = await api.call(method, path, { headers: { authorization: 'Bearer not.a.token' } });
    expect(response.status).toBe(200);
  });
});

describe('whoami', () => {
  it('says who, how, through which client, what they may do and where each right came from', async () => {
    const token = await api.admin({
      client_id: 'wab-dashboard',
      permissions: ['create:items'],
      auth_time: 1_700_000_000,
    });
    const response = await api.call('GET', '/api/whoami', { token });
    expect(await response.json()).toMatchObject({
      kind: 'user',
      issuer: api.issuer.issuer,
      subject: 'user|1',
      client: 'wab-dashboard',
      via: 'bearer',
      tokenKind: 'access_token',
      permissions: ['create:items'],
      permissionSources: { 'create:items': ['token'] },
      authTime: 1_700_000_000,
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('knows a machine, and never takes it for a user of the same name', async () => {
    const machine = await api.issuer.accessToken({ sub: 'wab-machine@clients', client_id: 'wab-machine' });
    const user = await api.issuer.accessToken({ sub: 'wab-machine' });
    expect(await (await api.call('GET', '/api/whoami', { token: machine })).json()).toMatchObject({
      kind: 'machine',
    });
    expect(await (await api.call('GET', '/api/whoami', { token: user })).json()).toMatchObject({
      kind: 'user',
    });
  });

  it('lets a machine nowhere that asks for a recent login', async () => {
    const token = await api.admin({ sub: 'wab-machine@clients', client_id: 'wab-machine' });
    expect((await api.call('DELETE', '/api/menu/items', { token })).status).toBe(403);
  });
});

describe('an API whose issuer is away', () => {
  it('starts, stays alive, is not ready, and answers 503 with Retry-After to a token it cannot check', async () => {
    const alone = await startApi({ ISSUER_URL: 'http://127.0.0.1:9/' });
    try {
      expect((await alone.call('GET', '/health/live')).status).toBe(200);
      expect((await alone.call('GET', '/health/ready')).status).toBe(503);
      expect((await alone.call('GET', '/api/menu/items')).status).toBe(200);
      const token = await api.issuer.accessToken({
        iss: 'http://127.0.0.1:9/',
        permissions: ALL_PERMISSIONS,
      });
      const response = await alone.call('POST', '/api/menu/items', { token, json });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([503, null]);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await alone.stop();
    }
  });
});
