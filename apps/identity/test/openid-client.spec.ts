import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair } from 'jose';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { addClient, MENU_API_ID, SECRET } from './support/clients.ts';
import { approveDevice } from './support/device.ts';
import { ADMIN, MACHINE_SECRET, startForTest } from './support/identity.ts';
import { authorize, CALLBACK, MENU_API } from './support/login.ts';

const SHOP_CALLBACK = 'http://localhost:6060/callback';
const CLI_CALLBACK = 'http://127.0.0.1:53117/callback';

const signing = await generateKeyPair('ES256');

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  const jwks = { keys: [{ ...(await exportJWK(signing.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] };
  identity = await startForTest(
    {},
    {
      prepare: async (db) => {
        await addClient(db, { id: 'shop' });
        await addClient(db, { id: 'signer', secretHash: null, jwks });
        await addClient(db, { id: 'menu-api', resourceServerId: MENU_API_ID });
      },
    },
  );
  issuer = identity.url;
});
afterAll(() => identity.stop());

const discover = (clientId: string, authentication: openid.ClientAuth) =>
  openid.discovery(new URL(issuer), clientId, undefined, authentication, {
    execute: [openid.allowInsecureRequests],
  });
const dashboard = () => discover('wab-dashboard', openid.None());
const commandLine = () => discover('wab-cli', openid.None());
const shop = () => discover('shop', openid.ClientSecretBasic(SECRET));

interface Login {
  readonly redirectUri?: string;
  readonly parameters?: Record<string, string>;
  readonly options?: openid.DPoPOptions;
  readonly pushed?: boolean;
}

async function logIn(
  configuration: openid.Configuration,
  { redirectUri = CALLBACK, parameters, options, pushed }: Login = {},
) {
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedNonce = openid.randomNonce();
  const expectedState = openid.randomState();
  const request = {
    redirect_uri: redirectUri,
    scope: 'openid email offline_access',
    resource: MENU_API,
    nonce: expectedNonce,
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    ...parameters,
  };
  const url = pushed
    ? await openid.buildAuthorizationUrlWithPAR(configuration, request, options)
    : openid.buildAuthorizationUrl(configuration, request);
  const browser = new Browser(issuer);
  const answer = await authorize(browser, url.href, ADMIN);
  const location = new URL(answer.headers.get('location') ?? '');
  const tokens = await openid.authorizationCodeGrant(
    configuration,
    location,
    { pkceCodeVerifier, expectedNonce, expectedState, idTokenExpected: true },
    undefined,
    options,
  );
  return { tokens, browser, url };
}

const refusal = (error: string) => expect.objectContaining({ error });

describe('openid-client', () => {
  it('discovers, logs in with PKCE, verifies, and asks /userinfo', async () => {
    const configuration = await dashboard();
    const { tokens } = await logIn(configuration);
    const sub = tokens.claims()?.sub ?? '';
    const userinfo = await openid.fetchUserInfo(configuration, tokens.access_token, sub);
    expect(userinfo).toEqual({ sub, email: ADMIN.email, email_verified: true });
  });

  it('refreshes, with an ID token of the same login', async () => {
    const configuration = await dashboard();
    const { tokens } = await logIn(configuration);
    const renewed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    expect(renewed.claims()?.['auth_time']).toBe(tokens.claims()?.['auth_time']);
  });

  it('pushes its authorization request, so that nothing of it is in the address', async () => {
    const configuration = await shop();
    const { tokens, url } = await logIn(configuration, { redirectUri: SHOP_CALLBACK, pushed: true });
    expect([...url.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: 'shop', aud: MENU_API });
    expect(tokens.refresh_token).toEqual(expect.any(String));
  });

  it('gets a machine’s token, all of its grant where it names no scope', async () => {
    const configuration = await discover('wab-machine', openid.ClientSecretPost(MACHINE_SECRET));
    const tokens = await openid.clientCredentialsGrant(configuration, { resource: MENU_API });
    expect(tokens.scope).toBe('create:items delete:items read:items update:items');
  });

  it('authenticates by a signed assertion', async () => {
    const configuration = await discover(
      'signer',
      openid.PrivateKeyJwt({ key: signing.privateKey, kid: 'k1' }),
    );
    const tokens = await openid.clientCredentialsGrant(configuration, { resource: MENU_API });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: 'signer@clients' });
    const stranger = await generateKeyPair('ES256');
    const other = await discover('signer', openid.PrivateKeyJwt({ key: stranger.privateKey, kid: 'k1' }));
    await expect(openid.clientCredentialsGrant(other, { resource: MENU_API })).rejects.toEqual(
      refusal('invalid_client'),
    );
  });

  it('connects a device: it asks until the person has confirmed in a browser', async () => {
    const configuration = await commandLine();
    const device = await openid.initiateDeviceAuthorization(configuration, {
      scope: 'openid offline_access read:items create:items',
      resource: MENU_API,
    });
    expect(device).toMatchObject({ interval: 5, verification_uri: `${issuer}activate` });
    const { html } = await approveDevice(new Browser(issuer), device.verification_uri_complete ?? '', ADMIN);
    expect(html).toContain('Device connected');
    const tokens = await openid.pollDeviceAuthorizationGrant(configuration, { ...device, interval: 0.1 });
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      client_id: 'wab-cli',
      aud: MENU_API,
      scope: 'create:items',
      permissions: ['create:items'],
      sid: expect.any(String),
      gid: expect.any(String),
      auth_time: expect.any(Number),
    });
    expect(tokens.scope).toBe('openid offline_access create:items');
    const renewed = await openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '');
    expect(decodeJwt(renewed.access_token)).toMatchObject({ permissions: ['create:items'] });
  });

  it('has a token introspected by the API that it is for, until it is revoked', async () => {
    const client = await shop();
    const api = await discover('menu-api', openid.ClientSecretBasic(SECRET));
    const { tokens } = await logIn(client, { redirectUri: SHOP_CALLBACK });
    const claims = decodeJwt(tokens.access_token);
    const { active, ...told } = await openid.tokenIntrospection(api, tokens.access_token);
    expect({ active, ...told }).toMatchObject({ active: true, token_type: 'Bearer', ...claims });
    await openid.tokenRevocation(client, tokens.access_token);
    expect(await openid.tokenIntrospection(api, tokens.access_token)).toEqual({ active: false });
    await openid.refreshTokenGrant(client, tokens.refresh_token ?? '');
  });

  it('ends the session where it sends the person to log out', async () => {
    const configuration = await dashboard();
    const { tokens, browser } = await logIn(configuration);
    const url = openid.buildEndSessionUrl(configuration, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'http://localhost:4040/',
      state: 'bye',
    });
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await (await browser.get(url.href)).text())?.[1] ?? '';
    const answer = await browser.post('/oidc/logout/confirm', { xsrf, logout: 'yes' });
    expect(answer.headers.get('location')).toBe('http://localhost:4040/?state=bye');
    await expect(openid.refreshTokenGrant(configuration, tokens.refresh_token ?? '')).rejects.toEqual(
      refusal('invalid_grant'),
    );
  });
});

describe('openid-client with DPoP', () => {
  const handle = async (configuration: openid.Configuration) => {
    const keys = await openid.randomDPoPKeyPair('ES256');
    const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
    return { jkt, options: { DPoP: openid.getDPoPHandle(configuration, keys) } };
  };

  it('gets tokens that are bound to its key, the refresh token of a public client too', async () => {
    const configuration = await commandLine();
    const { jkt, options } = await handle(configuration);
    const { tokens } = await logIn(configuration, { redirectUri: CLI_CALLBACK, options });
    expect(tokens.token_type).toBe('dpop');
    expect(decodeJwt(tokens.access_token)['cnf']).toEqual({ jkt });
    const refreshToken = tokens.refresh_token ?? '';
    const stranger = await handle(configuration);
    for (const other of [undefined, stranger.options]) {
      await expect(openid.refreshTokenGrant(configuration, refreshToken, undefined, other)).rejects.toEqual(
        refusal('invalid_grant'),
      );
    }
    const renewed = await openid.refreshTokenGrant(configuration, refreshToken, undefined, options);
    expect(decodeJwt(renewed.access_token)['cnf']).toEqual({ jkt });
  });

  it('binds the code to the key as well, asked for in the address or pushed (dpop_jkt)', async () => {
    for (const pushed of [false, true]) {
      const configuration = await commandLine();
      const { jkt, options } = await handle(configuration);
      const stranger = await handle(configuration);
      const parameters = { dpop_jkt: jkt };
      await logIn(configuration, { redirectUri: CLI_CALLBACK, parameters, options, pushed });
      const stolen = logIn(configuration, {
        redirectUri: CLI_CALLBACK,
        parameters: { dpop_jkt: stranger.jkt },
        options,
        pushed: false,
      });
      await expect(stolen).rejects.toEqual(refusal('invalid_grant'));
    }
  });

  it('asks /userinfo with an opaque token and its proof', async () => {
    const configuration = await commandLine();
    const { options } = await handle(configuration);
    const { tokens } = await logIn(configuration, {
      redirectUri: CLI_CALLBACK,
      parameters: { resource: '' },
      options,
    });
    const sub = tokens.claims()?.sub ?? '';
    const userinfo = openid.fetchUserInfo(configuration, tokens.access_token, sub, options);
    expect(await userinfo).toMatchObject({ sub, email: ADMIN.email });
    await expect(openid.fetchUserInfo(configuration, tokens.access_token, sub)).rejects.toMatchObject({
      status: 401,
    });
  });

  it('asks /userinfo with a JWT that names it, and a proof each time', async () => {
    const configuration = await dashboard();
    const { options } = await handle(configuration);
    const { tokens } = await logIn(configuration, { options });
    const sub = tokens.claims()?.sub ?? '';
    const ask = () => openid.fetchUserInfo(configuration, tokens.access_token, sub, options);
    expect(await ask()).toMatchObject({ sub, email: ADMIN.email });
    expect(await ask()).toMatchObject({ sub });
    const stranger = await handle(configuration);
    for (const other of [undefined, stranger.options]) {
      await expect(
        openid.fetchUserInfo(configuration, tokens.access_token, sub, other),
      ).rejects.toMatchObject({ status: 401 });
    }
  });

  it('gets a machine’s token bound, which introspection tells the API', async () => {
    const configuration = await discover('wab-machine', openid.ClientSecretPost(MACHINE_SECRET));
    const { jkt, options } = await handle(configuration);
    const tokens = await openid.clientCredentialsGrant(configuration, { resource: MENU_API }, options);
    const api = await discover('menu-api', openid.ClientSecretBasic(SECRET));
    expect(await openid.tokenIntrospection(api, tokens.access_token)).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt },
    });
  });
});
