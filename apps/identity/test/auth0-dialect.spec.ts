import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Browser } from './support/browser.ts';
import { addClient, SECRET } from './support/clients.ts';
import { answerForDevice, openDeviceLink } from './support/device.ts';
import { ADMIN, MACHINE_SECRET, startForTest } from './support/identity.ts';
import {
  authorization,
  authorize,
  codeFrom,
  exchange,
  logIn,
  MENU_API,
  refresh,
  token,
  type Tokens,
} from './support/login.ts';

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const MACHINE = { client_id: 'wab-machine', client_secret: MACHINE_SECRET };
const CLIENT_CREDENTIALS = { grant_type: 'client_credentials', audience: MENU_API, ...MACHINE };
const COMMAND_LINE = { client_id: 'wab-cli', redirect_uri: 'http://127.0.0.1:53117/callback' };

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest(
    { AUTH0_DIALECT: 'true' },
    {
      prepare: async (db) => {
        const kind = { grantTypes: ['client_credentials'], redirectUris: [] };
        await addClient(db, { id: 'no-grant', ...kind }, { granted: false });
        await addClient(db, { id: 'no-machine', grantTypes: ['authorization_code'] });
      },
    },
  );
  issuer = identity.url;
});
afterAll(() => identity.stop());
afterEach(() => void vi.useRealTimers());

type Form = Record<string, string>;

const json = (path: string, form: Form) =>
  fetch(`${issuer}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(form),
  });

const startDevice = async () =>
  (await (
    await json('oauth/device/code', { client_id: 'wab-cli', scope: 'openid', audience: MENU_API })
  ).json()) as { readonly device_code: string; readonly verification_uri_complete: string };

const poll = (device_code: string) =>
  token(issuer, { grant_type: DEVICE_CODE, client_id: 'wab-cli', device_code });

describe('an answer of the token endpoint', () => {
  it('to a code has what Auth0’s has, and no more', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/^eyJ/),
      id_token: expect.stringMatching(/^eyJ/),
      refresh_token: expect.any(String),
      scope: 'openid profile email offline_access',
      expires_in: 600,
      token_type: 'Bearer',
    });
    const renewed = (await (await refresh(issuer, tokens.refresh_token ?? '')).json()) as Tokens;
    expect(Object.keys(renewed).toSorted()).toEqual(Object.keys(tokens).toSorted());
  });

  it.each(['form', 'JSON'])('to a machine in a %s names all that it was granted', async (kind) => {
    const response = await (kind === 'JSON'
      ? json('oauth/token', CLIENT_CREDENTIALS)
      : token(issuer, CLIENT_CREDENTIALS));
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      scope: 'create:items delete:items read:items update:items',
      expires_in: 600,
      token_type: 'Bearer',
    });
  });

  it('to a device has its codes and addresses', async () => {
    expect(Object.keys(await startDevice()).toSorted()).toEqual([
      'device_code',
      'expires_in',
      'interval',
      'user_code',
      'verification_uri',
      'verification_uri_complete',
    ]);
  });
});

describe('an access token', () => {
  it('of a user has Auth0’s claims', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { ...COMMAND_LINE, scope: 'openid create:items' });
    expect(decodeProtectedHeader(tokens.access_token)).toEqual({
      alg: 'RS256',
      typ: 'JWT',
      kid: expect.any(String),
    });
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({
      iss: issuer,
      aud: [MENU_API, `${issuer}userinfo`],
      azp: 'wab-cli',
      scope: 'openid create:items',
      permissions: ['create:items', 'delete:items', 'update:items'],
    });
    for (const absent of ['client_id', 'gty']) expect(claims).not.toHaveProperty(absent);
  });

  it('of a machine has Auth0’s subject and grant type', async () => {
    const { access_token } = (await (await token(issuer, CLIENT_CREDENTIALS)).json()) as Tokens;
    expect(decodeProtectedHeader(access_token).typ).toBe('JWT');
    expect(decodeJwt(access_token)).toMatchObject({
      aud: MENU_API,
      azp: 'wab-machine',
      sub: 'wab-machine@clients',
      gty: 'client-credentials',
    });
  });
});

describe('a refusal of the token endpoint', () => {
  const reused = async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    await json('oauth/revoke', { client_id: 'wab-dashboard', token: tokens.refresh_token ?? '' });
    return refresh(issuer, tokens.refresh_token ?? '');
  };
  const usedCode = async () => {
    const { url, verifier } = authorization(issuer);
    const code = codeFrom(await authorize(new Browser(issuer), url, ADMIN));
    await exchange(issuer, code, verifier);
    return exchange(issuer, code, verifier);
  };
  const denied = async () => {
    const device = await startDevice();
    const browser = new Browser(issuer);
    const html = await openDeviceLink(browser, device.verification_uri_complete);
    await answerForDevice(browser, html, { abort: 'yes' });
    return poll(device.device_code);
  };
  const tooOften = async () => {
    const { device_code } = await startDevice();
    await poll(device_code);
    return poll(device_code);
  };
  const tooLate = async () => {
    const { device_code } = await startDevice();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 });
    return poll(device_code);
  };
  const credentials = (spoiled: Form) => () => token(issuer, { ...CLIENT_CREDENTIALS, ...spoiled });

  it.each<[string, () => Promise<Response>, number, string, string]>([
    [
      'an unknown code',
      () => exchange(issuer, 'unknown', 'a'.repeat(43)),
      403,
      'invalid_grant',
      'Invalid authorization code',
    ],
    ['a code used before', usedCode, 403, 'invalid_grant', 'Invalid authorization code'],
    [
      'an unknown refresh token',
      () => refresh(issuer, 'unknown'),
      403,
      'invalid_grant',
      'Unknown or invalid refresh token.',
    ],
    ['a revoked refresh token', reused, 403, 'invalid_grant', 'Unknown or invalid refresh token.'],
    ['a wrong secret', credentials({ client_secret: 'wrong' }), 401, 'access_denied', 'Unauthorized'],
    ['an unknown client', credentials({ client_id: 'unknown' }), 401, 'access_denied', 'Unauthorized'],
    [
      'an unknown API',
      credentials({ audience: 'https://unknown.example.com' }),
      403,
      'access_denied',
      'Service not enabled within domain: https://unknown.example.com',
    ],
    [
      'an API that the client has no grant for',
      credentials({ client_id: 'no-grant', client_secret: SECRET }),
      403,
      'access_denied',
      `Client is not authorized to access "${MENU_API}". You need to create a "client-grant" associated to this API.`,
    ],
    [
      'a grant type that is off for the client',
      credentials({ client_id: 'no-machine', client_secret: SECRET }),
      403,
      'unauthorized_client',
      "Grant type 'client_credentials' not allowed for the client.",
    ],
    [
      'a device whose user has not answered',
      async () => poll((await startDevice()).device_code),
      403,
      'authorization_pending',
      expect.any(String) as string,
    ],
    ['a device that asks too often', tooOften, 429, 'slow_down', expect.any(String) as string],
    ['a device that was denied', denied, 403, 'access_denied', 'End-User aborted interaction'],
    ['a device whose code has expired', tooLate, 403, 'expired_token', 'device code is expired'],
    ['an unknown device', () => poll('unknown'), 403, 'invalid_grant', 'Invalid or expired device code.'],
  ])('of %s is Auth0’s', async (_name, send, status, error, error_description) => {
    const response = await send();
    expect([response.status, await response.json()]).toEqual([status, { error, error_description }]);
  });
});

describe('the revocation endpoint', () => {
  it('takes JSON, answers 200 with nothing, and refuses another’s token', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const foreign = await json('oauth/revoke', { client_id: 'wab-cli', token: tokens.refresh_token ?? '' });
    expect(foreign.status).toBe(400);
    const own = await json('oauth/revoke', { client_id: 'wab-dashboard', token: tokens.refresh_token ?? '' });
    expect([own.status, await own.text()]).toEqual([200, '']);
  });
});
