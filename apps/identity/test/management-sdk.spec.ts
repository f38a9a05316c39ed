import type { ManagementClient } from 'auth0';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import { logIn, MENU_API, refresh } from './support/login.ts';
import { ADMIN_MACHINE_SECRET, managementApi, managementClient } from './support/management.ts';

const PASSWORD = 'a kettle on the stove';
const CONNECTION = 'Username-Password-Authentication';

let identity: Awaited<ReturnType<typeof startForTest>>;
let sdk: ManagementClient;
beforeAll(async () => {
  identity = await startForTest({ SEED_ADMIN_MACHINE_SECRET: ADMIN_MACHINE_SECRET });
  sdk = managementClient(identity.url);
});
afterAll(() => identity.stop());

let people = 0;
async function newUser(): Promise<{ readonly id: string; readonly email: string }> {
  const email = `cook-${++people}@example.com`;
  const { user_id: id = '' } = await sdk.users.create({ connection: CONNECTION, email, password: PASSWORD });
  return { id, email };
}

async function idOf(email: string): Promise<string> {
  const [found] = await sdk.users.listUsersByEmail({ email });
  return found?.user_id ?? '';
}

const permission = (permission_name: string, resource_server_identifier = MENU_API) => ({
  resource_server_identifier,
  permission_name,
});

async function all<Item>(page: Promise<AsyncIterable<Item>>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of await page) found.push(item);
  return found;
}

describe('users', () => {
  it('are created, read, changed and deleted', async () => {
    const { id, email } = await newUser();
    expect(await sdk.users.get(id)).toMatchObject({
      user_id: id,
      email,
      email_verified: false,
      name: email,
      nickname: email.replace(/@.*/, ''),
      blocked: false,
      logins_count: 0,
      identities: [{ connection: CONNECTION }],
    });
    const changed = await sdk.users.update(id, {
      name: 'Cora Cook',
      user_metadata: { knife: 'left', hat: 'white' },
      app_metadata: { shift: 2 },
    });
    expect(changed).toMatchObject({ name: 'Cora Cook', app_metadata: { shift: 2 } });
    const merged = await sdk.users.update(id, { user_metadata: { hat: null, apron: 'blue' } });
    expect(merged.user_metadata).toEqual({ knife: 'left', apron: 'blue' });
    await sdk.users.delete(id);
    await expect(sdk.users.get(id)).rejects.toMatchObject({
      statusCode: 404,
      body: { statusCode: 404, error: 'Not Found', errorCode: 'inexistent_user' },
    });
  });

  it('are found by what is asked for, and shown as far as asked for', async () => {
    const { id, email } = await newUser();
    await sdk.users.update(id, { name: `Percy 100% ${people}` });
    const found = async (q: string) => (await sdk.users.list({ q })).data.map(({ user_id }) => user_id);
    expect(await found(`email:"${email.toUpperCase()}"`)).toEqual([id]);
    expect(await found(`name:"Percy 100*" AND blocked:false AND email:cook-${people}*`)).toEqual([id]);
    expect(await found(`100% ${people}`.replace(' ', '?'))).toEqual([]);
    expect(await found('100%')).toEqual([id]);
    await expect(sdk.users.list({ q: 'email:(a OR b)' })).rejects.toMatchObject({ statusCode: 400 });
    expect(await sdk.users.get(id, { fields: 'email' })).toEqual({ email });
    const { data } = await sdk.users.list({ sort: 'email:-1', fields: 'email', per_page: 2 });
    expect(data.map((one) => Object.keys(one))).toEqual([['email'], ['email']]);
    expect((data[0]?.email ?? '') > (data[1]?.email ?? '')).toBe(true);
  });

  it('come page by page, and the page after the last is empty', async () => {
    const page = await sdk.users.list({ per_page: 1 });
    expect(page.data).toHaveLength(1);
    expect(page.response).toMatchObject({ start: 0, limit: 1, length: 1 });
    const whole = await sdk.users.list();
    const total = whole.data.length;
    expect(total).toBeGreaterThan(2);
    expect((await whole.getNextPage()).data).toEqual([]);
    expect(await all(sdk.users.list({ per_page: 2 }))).toHaveLength(total);
  });

  it('that are blocked or get another password are logged out, with every access token that is out', async () => {
    const { id, email } = await newUser();
    const first = await logIn(identity.url, { email, password: PASSWORD });
    expect((await sdk.users.sessions.list(id)).data).toHaveLength(1);
    await sdk.users.update(id, { password: 'another kettle on it' });
    expect((await refresh(identity.url, first.tokens.refresh_token ?? '')).status).toBe(403);
    expect((await sdk.users.sessions.list(id)).data).toEqual([]);
    const second = await logIn(identity.url, { email, password: 'another kettle on it' });
    await sdk.users.update(id, { blocked: true });
    expect((await refresh(identity.url, second.tokens.refresh_token ?? '')).status).toBe(403);
    await sdk.users.update(id, { blocked: false });
    await logIn(identity.url, { email, password: 'another kettle on it' });
  });

  it('cannot have the address of another, nor a weak password', async () => {
    const { email } = await newUser();
    const fresh = { connection: CONNECTION, email, password: PASSWORD };
    await expect(sdk.users.create({ ...fresh, email: email.toUpperCase() })).rejects.toMatchObject({
      statusCode: 409,
      body: { message: 'The user already exists.' },
    });
    await expect(
      sdk.users.create({ ...fresh, email: 'weak@example.com', password: 'seven77' }),
    ).rejects.toMatchObject({
      statusCode: 400,
      body: { message: expect.stringMatching(/^PasswordStrengthError/) as string },
    });
    const admin = await idOf(ADMIN.email);
    await expect(sdk.users.update(admin, { password: 'fourteen chars' })).rejects.toMatchObject({
      statusCode: 400,
    });
  });
});

describe('what a user may do', () => {
  it('is given directly and taken again', async () => {
    const { id } = await newUser();
    await sdk.users.permissions.create(id, { permissions: [permission('create:items')] });
    await sdk.users.permissions.create(id, { permissions: [permission('create:items')] });
    expect((await sdk.users.permissions.list(id)).data).toEqual([
      {
        permission_name: 'create:items',
        description: 'Add dishes to the menu',
        resource_server_name: 'WAB Menu API',
        resource_server_identifier: MENU_API,
        sources: [{ source_id: '', source_name: '', source_type: 'DIRECT' }],
      },
    ]);
    await sdk.users.permissions.delete(id, { permissions: [permission('create:items')] });
    expect((await sdk.users.permissions.list(id)).data).toEqual([]);
  });

  it('is given by roles, and every source of it is named', async () => {
    const { id } = await newUser();
    const { data } = await sdk.roles.list({ name_filter: 'menu-adm' });
    const role = data[0]?.id ?? '';
    await sdk.users.roles.assign(id, { roles: [role] });
    await sdk.users.permissions.create(id, { permissions: [permission('update:items')] });
    expect((await sdk.users.roles.list(id)).data).toMatchObject([{ id: role, name: 'menu-admin' }]);
    const effective = await all(
      sdk.users.effectivePermissions.list(id, { resource_server_identifier: MENU_API }),
    );
    expect(
      Object.fromEntries(
        effective.map(({ permission_name, sources }) => [permission_name, sources?.toSorted()]),
      ),
    ).toEqual({
      'create:items': ['roles'],
      'update:items': ['direct', 'roles'],
      'delete:items': ['roles'],
    });
    const roles = await all(
      sdk.users.effectivePermissions.sources.roles.list(id, permission('update:items')),
    );
    expect(roles).toMatchObject([{ id: role, name: 'menu-admin' }]);
    expect(await all(sdk.users.effectiveRoles.list(id))).toMatchObject([{ id: role, sources: ['direct'] }]);
    await sdk.users.roles.delete(id, { roles: [role] });
    expect((await sdk.users.roles.list(id)).data).toEqual([]);
    expect((await sdk.users.permissions.list(id)).data).toHaveLength(1);
  });

  it('reaches the token at the next refresh', async () => {
    const { id, email } = await newUser();
    const { tokens } = await logIn(identity.url, { email, password: PASSWORD });
    await sdk.users.permissions.create(id, { permissions: [permission('read:items')] });
    const renewed = (await (await refresh(identity.url, tokens.refresh_token ?? '')).json()) as {
      access_token: string;
    };
    const claims: unknown = JSON.parse(
      Buffer.from(renewed.access_token.split('.')[1] ?? '', 'base64url').toString(),
    );
    expect(claims).toMatchObject({ permissions: ['read:items'] });
  });
});

describe('roles', () => {
  it('are created, read, changed and deleted', async () => {
    const role = await sdk.roles.create({ name: 'baker', description: 'Bakes' });
    expect(role).toEqual({
      id: expect.stringMatching(/^rol_\w{16}$/) as string,
      name: 'baker',
      description: 'Bakes',
    });
    const id = role.id ?? '';
    expect(await sdk.roles.get(id)).toEqual(role);
    expect(await sdk.roles.update(id, { description: 'Bakes bread' })).toMatchObject({
      name: 'baker',
      description: 'Bakes bread',
    });
    await expect(sdk.roles.create({ name: 'baker' })).rejects.toMatchObject({ statusCode: 409 });
    await sdk.roles.delete(id);
    await expect(sdk.roles.get(id)).rejects.toMatchObject({
      statusCode: 404,
      body: { message: 'The role does not exist.' },
    });
  });

  it('bundle permissions for their members, who can be listed', async () => {
    const [one, other] = [await newUser(), await newUser()];
    const { id: role = '' } = await sdk.roles.create({ name: 'waiter' });
    await sdk.roles.permissions.add(role, {
      permissions: [permission('read:items'), permission('update:items')],
    });
    const held = (await sdk.roles.permissions.list(role)).data.map(({ permission_name }) => permission_name);
    expect(new Set(held)).toEqual(new Set(['read:items', 'update:items']));
    await sdk.roles.users.assign(role, { users: [one.id, other.id] });
    const members = await all(sdk.roles.users.list(role, { take: 1 }));
    expect(new Set(members.map(({ user_id }) => user_id))).toEqual(new Set([one.id, other.id]));
    await sdk.roles.permissions.delete(role, { permissions: [permission('update:items')] });
    expect((await sdk.users.permissions.list(one.id)).data).toMatchObject([
      {
        permission_name: 'read:items',
        sources: [{ source_id: role, source_name: 'waiter', source_type: 'ROLE' }],
      },
    ]);
    await sdk.roles.delete(role);
    expect((await sdk.users.permissions.list(one.id)).data).toEqual([]);
  });
});

describe('APIs', () => {
  it('are created, read by id and by identifier, changed and deleted', async () => {
    const identifier = 'https://bakery.example.com/orders?all';
    const api = await sdk.resourceServers.create({
      identifier,
      name: 'Bakery',
      scopes: [{ value: 'bake:bread', description: 'Bake' }, { value: 'eat:bread' }],
      token_lifetime: 120,
    });
    expect(api).toMatchObject({
      identifier,
      enforce_policies: true,
      token_dialect: 'rfc9068_profile_authz',
      token_lifetime: 120,
      scopes: [{ value: 'bake:bread' }, { value: 'eat:bread', description: '' }],
    });
    expect(await sdk.resourceServers.get(identifier)).toEqual(api);
    expect(await sdk.resourceServers.get(api.id ?? '')).toEqual(api);
    expect((await sdk.resourceServers.list({ identifiers: [identifier] })).data).toEqual([api]);
    await expect(sdk.resourceServers.create({ identifier })).rejects.toMatchObject({ statusCode: 409 });
    await expect(sdk.resourceServers.create({ identifier: 'http://localhost:7000' })).rejects.toMatchObject({
      statusCode: 409,
    });

    const { id } = await newUser();
    const held = [permission('bake:bread', identifier), permission('eat:bread', identifier)];
    await sdk.users.permissions.create(id, { permissions: held });
    const changed = await sdk.resourceServers.update(identifier, {
      scopes: [{ value: 'eat:bread', description: 'Eat' }, { value: 'sell:bread' }],
    });
    expect(changed.scopes).toEqual([
      { value: 'eat:bread', description: 'Eat' },
      { value: 'sell:bread', description: '' },
    ]);
    expect((await sdk.users.permissions.list(id)).data).toMatchObject([{ permission_name: 'eat:bread' }]);
    await sdk.resourceServers.delete(identifier);
    expect((await sdk.users.permissions.list(id)).data).toEqual([]);
  });

  it('do not include changes of this one', async () => {
    const own = managementApi(identity.url);
    expect(await sdk.resourceServers.get(own)).toMatchObject({ is_system: true, name: 'Management API' });
    await expect(sdk.resourceServers.update(own, { enforce_policies: false })).rejects.toMatchObject({
      statusCode: 403,
    });
    await expect(sdk.resourceServers.delete(own)).rejects.toMatchObject({ statusCode: 403 });
    for (const identifier of [`${identity.url}userinfo`, identity.url.slice(0, -1)])
      await expect(sdk.resourceServers.create({ identifier })).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('clients', () => {
  it('are created with a secret that is shown once, changed and deleted', async () => {
    const created = await sdk.clients.create({
      name: 'Till',
      app_type: 'regular_web',
      callbacks: ['https://till.example.com/callback'],
      oidc_logout: { backchannel_logout_urls: ['https://till.example.com/logout'] },
    });
    const id = created.client_id ?? '';
    expect(created.client_secret).toMatch(/^[\w-]{43}$/);
    expect(await sdk.clients.get(id)).not.toHaveProperty('client_secret');
    const rotated = await sdk.clients.rotateSecret(id);
    expect(rotated.client_secret).toMatch(/^[\w-]{43}$/);
    expect(rotated.client_secret).not.toBe(created.client_secret);
    const changed = await sdk.clients.update(id, {
      name: 'Till 2',
      callbacks: ['https://till.example.com/two'],
    });
    expect(changed).toMatchObject({ name: 'Till 2', callbacks: ['https://till.example.com/two'] });
    expect((await sdk.clients.list({ app_type: 'regular_web', fields: 'client_id' })).data).toContainEqual({
      client_id: id,
    });
    await sdk.clients.delete(id);
    await expect(sdk.clients.get(id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('that are machines get what they were granted, and no more once it is taken', async () => {
    const created = await sdk.clients.create({ name: 'Oven', app_type: 'non_interactive' });
    const credentials = {
      grant_type: 'client_credentials',
      client_id: created.client_id ?? '',
      client_secret: created.client_secret ?? '',
      audience: MENU_API,
    };
    const ask = async () => {
      const response = await fetch(`${identity.url}oauth/token`, {
        method: 'POST',
        body: new URLSearchParams(credentials),
      });
      return (await response.json()) as { scope?: string; error?: string };
    };
    expect(await ask()).toMatchObject({ error: 'invalid_target' });
    const grant = await sdk.clientGrants.create({
      client_id: credentials.client_id,
      audience: MENU_API,
      scope: ['read:items'],
    });
    expect(await ask()).toMatchObject({ scope: 'read:items' });
    const id = grant.id ?? '';
    expect(await sdk.clientGrants.update(id, { scope: ['read:items', 'update:items'] })).toMatchObject({
      scope: ['read:items', 'update:items'],
    });
    expect(await all(sdk.clientGrants.list({ client_id: credentials.client_id }))).toEqual([
      { id, client_id: credentials.client_id, audience: MENU_API, scope: ['read:items', 'update:items'] },
    ]);
    await expect(
      sdk.clientGrants.create({ client_id: credentials.client_id, audience: MENU_API, scope: [] }),
    ).rejects.toMatchObject({ statusCode: 409 });
    await sdk.clientGrants.delete(id);
    expect(await ask()).toMatchObject({ error: 'invalid_target' });
  });

  it.each([
    ['a callback without https', { callbacks: ['http://till.example.com/'] }],
    ['a callback with a wildcard', { callbacks: ['https://*.example.com/'] }],
    ['a callback that runs script', { callbacks: ['javascript:alert(1)'] }],
    ['the implicit flow', { grant_types: ['implicit'] }],
    ['a password flow', { grant_types: ['password'] }],
    ['an origin with a path', { web_origins: ['https://till.example.com/here'] }],
    [
      'a machine with a callback',
      { app_type: 'non_interactive' as const, callbacks: ['https://a.example/'] },
    ],
    [
      'a browser with a secret',
      { app_type: 'spa' as const, token_endpoint_auth_method: 'client_secret_post' as const },
    ],
    ['a browser that acts by itself', { app_type: 'spa' as const, grant_types: ['client_credentials'] }],
  ])('cannot have %s', async (_what, members) => {
    await expect(sdk.clients.create({ name: 'Wrong', ...members })).rejects.toMatchObject({
      statusCode: 400,
      body: { errorCode: 'invalid_body' },
    });
  });
});

describe('what users let clients do', () => {
  it('is listed and ended, grant by grant, with the tokens that came of it', async () => {
    const { tokens } = await logIn(identity.url, GUEST);
    const user_id = await idOf(GUEST.email);
    const grants = (await sdk.userGrants.list({ user_id, audience: MENU_API })).data;
    expect(grants).toEqual([
      {
        id: expect.any(String) as string,
        clientID: 'wab-dashboard',
        user_id,
        audience: MENU_API,
        scope: expect.any(Array) as string[],
      },
    ]);
    const devices = (await sdk.deviceCredentials.list({ user_id, type: 'refresh_token' })).data;
    expect(devices).toMatchObject([{ type: 'refresh_token', user_id, client_id: 'wab-dashboard' }]);
    await sdk.userGrants.delete(grants[0]?.id ?? '');
    expect((await sdk.userGrants.list({ user_id })).data).toEqual([]);
    expect((await refresh(identity.url, tokens.refresh_token ?? '')).status).toBe(403);

    await logIn(identity.url, GUEST);
    await sdk.userGrants.deleteByUserId({ user_id });
    expect((await sdk.userGrants.list({ user_id })).data).toEqual([]);
  });

  it('is listed and ended refresh token by refresh token', async () => {
    const user_id = await idOf(GUEST.email);
    const logins = [await logIn(identity.url, GUEST), await logIn(identity.url, GUEST)];
    const rows = await all(sdk.users.refreshToken.list(user_id, { take: 1 }));
    expect(rows).toHaveLength(2);
    const [row] = rows;
    expect(row).toMatchObject({
      user_id,
      client_id: 'wab-dashboard',
      rotating: true,
      session_id: expect.any(String) as string,
      resource_servers: [{ audience: MENU_API }],
    });
    expect(await sdk.refreshTokens.get(row?.id ?? '')).toEqual(row);
    await sdk.refreshTokens.delete(row?.id ?? '');
    await expect(sdk.refreshTokens.get(row?.id ?? '')).rejects.toMatchObject({ statusCode: 404 });
    await sdk.refreshTokens.revoke({ ids: [rows[1]?.id ?? ''] });
    for (const { tokens } of logins)
      expect((await refresh(identity.url, tokens.refresh_token ?? '')).status).toBe(403);

    await logIn(identity.url, GUEST);
    const [device] = (await sdk.deviceCredentials.list({ user_id })).data;
    await sdk.deviceCredentials.delete(device?.id ?? '');
    await logIn(identity.url, GUEST);
    await sdk.refreshTokens.revoke({ user_id, client_id: 'wab-dashboard', audience: MENU_API });
    await logIn(identity.url, GUEST);
    await sdk.users.refreshToken.delete(user_id);
    expect((await sdk.users.refreshToken.list(user_id)).data).toEqual([]);
  });

  it('is ended session by session', async () => {
    const user_id = await idOf(GUEST.email);
    await sdk.users.sessions.delete(user_id);
    const login = await logIn(identity.url, GUEST);
    const [session] = (await sdk.users.sessions.list(user_id)).data;
    const id = session?.id ?? '';
    expect(session).toMatchObject({ user_id, clients: [{ client_id: 'wab-dashboard' }] });
    expect(await sdk.sessions.get(id)).toEqual(session);
    await sdk.sessions.revoke(id);
    await expect(sdk.sessions.get(id)).rejects.toMatchObject({ statusCode: 404 });
    expect((await refresh(identity.url, login.tokens.refresh_token ?? '')).status).toBe(403);

    const second = await logIn(identity.url, GUEST);
    const [other] = (await sdk.users.sessions.list(user_id)).data;
    await sdk.sessions.delete(other?.id ?? '');
    expect((await refresh(identity.url, second.tokens.refresh_token ?? '')).status).toBe(403);
    const [third, fourth] = [await logIn(identity.url, GUEST), await logIn(identity.url, GUEST)];
    const [left] = (await sdk.users.sessions.list(user_id)).data;
    await sdk.users.revokeAccess(user_id, { session_id: left?.id ?? '' });
    expect((await sdk.users.sessions.list(user_id)).data).toHaveLength(1);
    await sdk.users.revokeAccess(user_id);
    expect((await sdk.users.sessions.list(user_id)).data).toEqual([]);
    for (const { tokens } of [third, fourth])
      expect((await refresh(identity.url, tokens.refresh_token ?? '')).status).toBe(403);
  });
});

describe('signing keys', () => {
  it('are listed, rotated and revoked', async () => {
    const before = await sdk.keys.signing.list();
    expect(before).toMatchObject([
      { next: true, current: false },
      { current: true, cert: expect.stringMatching(/PUBLIC KEY/) as string },
    ]);
    const [next, current] = before;
    const former = current?.kid ?? '';
    // It signs once it has been published for long enough.
    expect(await sdk.keys.signing.rotate()).toMatchObject({ kid: next?.kid });
    expect(await sdk.keys.signing.get(former)).toMatchObject({
      current: true,
      current_until: expect.any(String) as string,
    });
    await sdk.keys.signing.revoke(next?.kid ?? '');
    expect(await sdk.keys.signing.get(next?.kid ?? '')).toMatchObject({ revoked: true });
  });
});

describe('the log', () => {
  it('says who changed what, newest first or on from where one has read to', async () => {
    const { id } = await newUser();
    await sdk.users.update(id, { name: 'Logged', password: 'a secret of three words' });
    const { data } = await sdk.logs.list({ per_page: 2 });
    expect(data.map(({ description }) => description)).toEqual(['user.sessions.end', 'user.update']);
    const entry = data[1];
    expect(entry).toMatchObject({
      type: 'sapi',
      client_id: 'wab-admin-machine',
      user_id: id,
      details: {
        actor: { subject: 'wab-admin-machine@clients' },
        after: { name: 'Logged', password: 'changed' },
      },
    });
    expect(JSON.stringify(data)).not.toContain('three words');
    expect(await sdk.logs.get(entry?.log_id ?? '')).toEqual(entry);
    expect((await sdk.users.logs.list(id)).data).toHaveLength(3);
  });
});
