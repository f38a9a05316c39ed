import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../src/database/database.ts';
import { permission, resourceServer } from '../src/database/schema.ts';
import { Browser } from './support/browser.ts';
import { addClient, grantAll, SECRET } from './support/clients.ts';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import { authorization, logIn, MENU_API, token, type Tokens } from './support/login.ts';

type Api = Partial<typeof resourceServer.$inferInsert>;

const SHOP = { client_id: 'shop', redirect_uri: 'http://localhost:6060/callback' };

/** One API for each setting, with one permission that nobody holds but the client. */
const APIS: Readonly<Record<string, Api>> = {
  usual: {},
  older: { tokenDialect: 'access_token_authz' },
  oldest: { tokenDialect: 'access_token' },
  profile: { tokenDialect: 'rfc9068_profile' },
  unenforced: { enforcePolicies: false },
  short: { tokenLifetime: 60 },
  eternal: { tokenLifetime: 10_000_000 },
  online: { allowOfflineAccess: false },
};
const audienceOf = (name: string) => `https://${name}.example.com`;

async function addApis(db: Database): Promise<void> {
  await addClient(db, { id: 'shop', secretHash: null });
  await addClient(db, { id: 'shop-machine', grantTypes: ['client_credentials'], redirectUris: [] });
  for (const [name, settings] of Object.entries(APIS)) {
    await db.insert(resourceServer).values({ id: name, identifier: audienceOf(name), name, ...settings });
    await db
      .insert(permission)
      .values({ id: `per_${name}`, resourceServerId: name, name: 'read:orders', description: 'Read orders' });
    await grantAll(db, 'shop', name);
    await grantAll(db, 'shop-machine', name);
  }
}

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest(
    {},
    {
      prepare: async (db) => {
        await addApis(db);
        await addClient(db, { id: 'closed', enabled: false });
        await addClient(db, { id: 'elsewhere', secretHash: null, origins: ['http://localhost:6061'] });
      },
    },
  );
  issuer = identity.url;
});
afterAll(() => identity.stop());

const tokensFor = async (api: string, scope = 'openid offline_access read:orders') =>
  (await logIn(issuer, GUEST, { ...SHOP, audience: audienceOf(api), scope })).tokens;

const machineTokenFor = async (api: string) => {
  const response = await token(issuer, {
    grant_type: 'client_credentials',
    client_id: 'shop-machine',
    client_secret: SECRET,
    audience: audienceOf(api),
  });
  return (await response.json()) as Tokens;
};

describe('the dialect of an API', () => {
  it.each([
    ['usual', 'at+jwt', 'client_id', true],
    ['profile', 'at+jwt', 'client_id', false],
    ['older', 'JWT', 'azp', true],
    ['oldest', 'JWT', 'azp', false],
  ])(
    '"%s" has typ %s, the client in %s, and a "permissions" claim: %s',
    async (api, typ, client, claimed) => {
      const ofUser = await tokensFor(api);
      const ofMachine = await machineTokenFor(api);
      for (const { access_token } of [ofUser, ofMachine]) {
        expect(decodeProtectedHeader(access_token).typ).toBe(typ);
        const claims = decodeJwt(access_token);
        expect('permissions' in claims).toBe(claimed);
        expect('azp' in claims).toBe(client === 'azp');
        expect('client_id' in claims).toBe(client === 'client_id');
        expect(claims.jti).toEqual(expect.any(String));
      }
    },
  );

  it('of Auth0 names /userinfo beside the API, which then answers', async () => {
    const { access_token } = await tokensFor('older', 'openid email');
    expect(decodeJwt(access_token).aud).toEqual([audienceOf('older'), `${issuer}userinfo`]);
    const headers = { Authorization: `Bearer ${access_token}` };
    const userinfo = await fetch(`${issuer}userinfo`, { headers });
    expect(await userinfo.json()).toMatchObject({ email: GUEST.email });
    const machine = await machineTokenFor('older');
    expect(decodeJwt(machine.access_token)).toMatchObject({
      aud: audienceOf('older'),
      gty: 'client-credentials',
      sub: 'shop-machine@clients',
    });
  });
});

describe('permissions', () => {
  it('that the user does not hold are in no claim where the API has them enforced', async () => {
    const claims = decodeJwt((await tokensFor('usual')).access_token);
    expect(claims['permissions']).toEqual([]);
    expect(claims['scope']).toBeUndefined();
  });

  it('are left to the API where it has not: scope is what was asked for and the client was granted', async () => {
    const claims = decodeJwt((await tokensFor('unenforced', 'openid read:orders other:things')).access_token);
    expect(claims['scope']).toBe('read:orders');
    expect(claims).not.toHaveProperty('permissions');
  });
});

describe('the life of an access token', () => {
  it.each([
    ['usual', 600],
    ['short', 60],
    ['eternal', 86_400],
  ])('for the API "%s" is %i seconds', async (api, seconds) => {
    for (const { access_token, expires_in } of [await tokensFor(api), await machineTokenFor(api)]) {
      const { exp = 0, iat = 0 } = decodeJwt(access_token);
      expect([exp - iat, expires_in]).toEqual([seconds, seconds]);
    }
  });
});

describe('offline access', () => {
  it('is given for an API that allows it, and not for one that does not, which the answer says', async () => {
    const offline = await tokensFor('usual');
    expect([offline.scope, typeof offline.refresh_token]).toEqual(['openid offline_access', 'string']);
    const online = await tokensFor('online');
    expect([online.scope, typeof online.refresh_token]).toEqual(['openid', 'undefined']);
  });
});

describe('a client that is switched off', () => {
  it('gets nothing', async () => {
    const page = await new Browser(issuer).get(authorization(issuer, { ...SHOP, client_id: 'closed' }).url);
    expect(page.status).toBe(400);
    expect(page.headers.get('location')).toBeNull();
    const form = { client_id: 'closed', client_secret: SECRET };
    for (const [path, more] of [
      ['token', { grant_type: 'client_credentials', audience: MENU_API }],
      ['introspect', { token: 'any' }],
      ['revoke', { token: 'any' }],
      ['par', { response_type: 'code' }],
      ['device/code', { scope: 'openid' }],
    ] as const) {
      const body = new URLSearchParams({ ...form, ...more });
      const response = await fetch(`${issuer}oauth/${path}`, { method: 'POST', body });
      expect([path, response.status, await response.json()]).toMatchObject([
        path,
        401,
        { error: 'invalid_client' },
      ]);
    }
  });
});

describe('the origins of a client', () => {
  it.each([
    ['http://localhost:6060', 'http://localhost:6060'],
    ['http://localhost:6061', 'http://localhost:6061'],
    ['http://localhost:6062', null],
    ['null', null],
  ])('%s may call the token endpoint: %s', async (origin, allowed) => {
    const form = { grant_type: 'refresh_token', client_id: 'elsewhere', refresh_token: 'unknown' };
    const response = await token(issuer, form, { Origin: origin });
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
  });
});

describe('an access token without an API', () => {
  it('is opaque, and good for /userinfo alone', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { ...SHOP, audience: '', scope: 'openid email' });
    expect(tokens.access_token).toMatch(/^[\w-]{43}$/);
    const headers = { Authorization: `Bearer ${tokens.access_token}` };
    expect(await (await fetch(`${issuer}userinfo`, { headers })).json()).toMatchObject({
      email: ADMIN.email,
    });
  });
});
