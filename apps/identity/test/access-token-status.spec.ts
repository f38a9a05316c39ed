import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addClient, MENU_API_ID, SECRET } from './support/clients.ts';
import { ADMIN, MACHINE_SECRET, startForTest } from './support/identity.ts';
import { logIn, MENU_API, refresh, token, type Tokens } from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest(
    {},
    {
      prepare: async (db) => {
        await addClient(db, { id: 'menu-api', resourceServerId: MENU_API_ID });
        await addClient(db, { id: 'stranger' });
      },
    },
  );
  issuer = identity.url;
});
afterAll(() => identity.stop());

const MACHINE = { client_id: 'wab-machine', client_secret: MACHINE_SECRET };
const API = { client_id: 'menu-api', client_secret: SECRET };
const STRANGER = { client_id: 'stranger', client_secret: SECRET };
const COMMAND_LINE = { client_id: 'wab-cli', redirect_uri: 'http://127.0.0.1:53117/callback' };

const post = (path: string, form: Record<string, string>) =>
  fetch(`${issuer}oauth/${path}`, { method: 'POST', body: new URLSearchParams(form) });

const introspect = async (accessToken: string, client: Record<string, string>) =>
  (await post('introspect', { ...client, token: accessToken })).json() as Promise<Record<string, unknown>>;

const revoke = (accessToken: string, client: Record<string, string>) =>
  post('revoke', { ...client, token: accessToken });

const machineToken = async () => {
  const response = await token(issuer, { grant_type: 'client_credentials', audience: MENU_API, ...MACHINE });
  return ((await response.json()) as Tokens).access_token;
};

const userinfo = (accessToken: string) =>
  fetch(`${issuer}userinfo`, { headers: { Authorization: `Bearer ${accessToken}` } });

const changed = (jwt: string) => {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  return `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
};

describe('the introspection of a JWT access token', () => {
  it('tells the API that it is for all that it says', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { ...COMMAND_LINE, scope: 'openid create:items' });
    expect(await introspect(tokens.access_token, API)).toEqual({
      ...decodeJwt(tokens.access_token),
      active: true,
      token_type: 'Bearer',
    });
  });

  it('names the client in the standard way whatever the dialect', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    expect(await introspect(tokens.access_token, API)).toMatchObject({
      active: true,
      client_id: 'wab-dashboard',
      aud: [MENU_API, `${issuer}userinfo`],
    });
  });

  it('tells the client that it was issued to, if that has a secret', async () => {
    const accessToken = await machineToken();
    expect(await introspect(accessToken, MACHINE)).toMatchObject({
      active: true,
      sub: 'wab-machine@clients',
    });
    const { tokens } = await logIn(issuer, ADMIN, COMMAND_LINE);
    expect(await introspect(tokens.access_token, { client_id: 'wab-cli' })).toEqual({ active: false });
  });

  it('tells another API or client nothing', async () => {
    expect(await introspect(await machineToken(), STRANGER)).toEqual({ active: false });
  });

  it('finds no other kind of token active', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { ...COMMAND_LINE, scope: 'openid offline_access' });
    const none = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.e30.`;
    for (const other of [tokens.id_token ?? '', changed(tokens.access_token), none, 'opaque']) {
      expect(await introspect(other, API)).toEqual({ active: false });
    }
  });

  it('answers nobody who does not authenticate', async () => {
    const response = await post('introspect', { client_id: 'menu-api', token: await machineToken() });
    expect(response.status).toBe(401);
    const wrong = await post('introspect', { ...API, client_secret: 'wrong', token: await machineToken() });
    expect(wrong.status).toBe(401);
  });

  it('finds it inactive once its user has logged out', async () => {
    const { tokens, browser } = await logIn(issuer, ADMIN);
    expect(await introspect(tokens.access_token, API)).toMatchObject({ active: true });
    await browser.get(`${issuer}v2/logout?client_id=wab-dashboard`);
    expect(await introspect(tokens.access_token, API)).toEqual({ active: false });
  });
});

describe('the revocation of a JWT access token', () => {
  it('denies that one from then on, and leaves the login alone', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    expect((await userinfo(tokens.access_token)).status).toBe(200);
    const response = await revoke(tokens.access_token, { client_id: 'wab-dashboard' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(await introspect(tokens.access_token, API)).toEqual({ active: false });
    const denied = await userinfo(tokens.access_token);
    expect(denied.status).toBe(401);
    expect(denied.headers.get('www-authenticate')).toContain('error="invalid_token"');

    const renewed = (await (await refresh(issuer, tokens.refresh_token ?? '')).json()) as Tokens;
    expect(await introspect(renewed.access_token, API)).toMatchObject({ active: true });
  });

  it('of a machine is its own to ask for', async () => {
    const accessToken = await machineToken();
    const refused = await revoke(accessToken, STRANGER);
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    expect(await introspect(accessToken, API)).toMatchObject({ active: true });
    expect((await revoke(accessToken, MACHINE)).status).toBe(200);
    expect(await introspect(accessToken, API)).toEqual({ active: false });
  });

  it('of what is no token of ours, or is none any more, is done', async () => {
    const accessToken = await machineToken();
    for (const text of [changed(accessToken), accessToken, accessToken]) {
      expect((await revoke(text, MACHINE)).status).toBe(200);
    }
  });

  it('without authentication is refused', async () => {
    const accessToken = await machineToken();
    expect((await revoke(accessToken, { client_id: 'wab-machine' })).status).toBe(401);
    expect(await introspect(accessToken, API)).toMatchObject({ active: true });
  });
});
