import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import { authorization, authorize, codeFrom, exchange, logIn, MENU_API } from './support/login.ts';
import { Browser } from './support/browser.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
});
afterAll(() => identity.stop());

describe('logging in to the dashboard', () => {
  it('gives the administrator tokens with permissions, profile and roles', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const keys = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`));
    const access = await jwtVerify(tokens.access_token, keys, { issuer, audience: MENU_API });
    expect(access.protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(access.payload).toMatchObject({
      azp: 'wab-dashboard',
      aud: [MENU_API, `${issuer}userinfo`],
      sub: expect.stringMatching(/^portcullis\|[0-9a-f]{24}$/),
      permissions: ['create:items', 'delete:items', 'update:items'],
      jti: expect.any(String),
      sid: expect.any(String),
      gid: expect.any(String),
      auth_time: expect.any(Number),
      amr: ['pwd'],
      scope: 'openid profile email offline_access',
    });
    expect(access.payload).not.toHaveProperty('client_id');
    expect(Number(access.payload.exp) - Number(access.payload.iat)).toBe(600);

    const id = await jwtVerify(tokens.id_token ?? '', keys, { issuer, audience: 'wab-dashboard' });
    expect(id.payload).toMatchObject({
      sub: access.payload.sub,
      nonce: 'a-nonce',
      sid: access.payload['sid'],
      email: 'admin@example.com',
      email_verified: true,
      name: 'Ada Admin',
      auth_time: expect.any(Number),
      'https://menu-api.example.com/roles': ['identity-admin', 'menu-admin'],
      'http://localhost:7000/roles': ['identity-admin', 'menu-admin'],
    });
    expect(tokens).toMatchObject({
      token_type: 'Bearer',
      expires_in: 600,
      refresh_token: expect.any(String),
      scope: 'openid profile email offline_access',
    });
  });

  it('gives the guest a token without permissions', async () => {
    const { tokens } = await logIn(issuer, GUEST);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ permissions: [] });
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ 'https://menu-api.example.com/roles': [] });
  });

  it('names the API by its alias as well, and the token by the identifier', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { audience: '', resource: 'http://localhost:7000' });
    expect(decodeJwt(tokens.access_token).aud).toContain(MENU_API);
  });

  it('puts into "scope" what was asked for and is held, in Auth0 beside all permissions', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { scope: 'openid read:items create:items' });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      scope: 'openid create:items',
      permissions: ['create:items', 'delete:items', 'update:items'],
    });
  });

  it('gives an opaque token for /userinfo alone when no API is named', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { audience: '' });
    expect(tokens.access_token).not.toContain('.');
    const userinfo = await fetch(`${issuer}userinfo`, {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    });
    expect(await userinfo.json()).toMatchObject({ email: 'admin@example.com' });
  });

  it('answers an API that nobody registered with invalid_target', async () => {
    const { url } = authorization(issuer, { audience: 'https://unknown.example.com' });
    const response = await new Browser(issuer).get(url);
    expect(response.headers.get('location')).toMatch(
      /^http:\/\/localhost:4040\/callback\?error=invalid_target/,
    );
  });

  it('refuses another client to redeem the code', async () => {
    const { url, verifier } = authorization(issuer);
    const code = codeFrom(await authorize(new Browser(issuer), url, ADMIN));
    const response = await exchange(issuer, code, verifier, { client_id: 'supper-club' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('an access token in the default dialect', () => {
  const COMMAND_LINE = { client_id: 'wab-cli', redirect_uri: 'http://127.0.0.1:53117/callback' };

  it('is at+jwt for one audience', async () => {
    const { tokens } = await logIn(issuer, ADMIN, {
      ...COMMAND_LINE,
      scope: 'openid create:items read:items',
    });
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({
      iss: issuer,
      aud: MENU_API,
      client_id: 'wab-cli',
      scope: 'create:items',
      permissions: ['create:items'],
    });
    expect(claims).not.toHaveProperty('azp');
  });

  it('carries all that the user holds when a first-party client asks for no API scope', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { ...COMMAND_LINE, scope: 'openid' });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      permissions: ['create:items', 'delete:items', 'update:items'],
    });
  });

  it('carries only what was consented to for a third-party client', async () => {
    const { tokens } = await logIn(issuer, ADMIN, {
      client_id: 'supper-club',
      redirect_uri: 'http://localhost:5050/callback',
      scope: 'openid create:items delete:items',
    });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      scope: 'create:items',
      permissions: ['create:items'],
    });
  });
});
