import { createRemoteJWKSet, decodeJwt, jwtVerify, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Browser } from './support/browser.ts';
import { addClient, SECRET } from './support/clients.ts';
import { ADMIN, startForTest } from './support/identity.ts';
import { authorization, authorize, codeFrom, formAction, token, type Tokens } from './support/login.ts';

// What the modules of the OpenID Foundation's Basic OP plan check, by their names and in our own words.
// Every request has PKCE beside it, which the plan's do not and which is required here (docs/identity.md).

const CALLBACK = 'http://localhost:6060/callback';
const BASIC = `Basic ${Buffer.from(`conformance:${SECRET}`).toString('base64')}`;

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest({}, { prepare: (db) => addClient(db, { id: 'conformance' }) });
  issuer = identity.url;
});
afterAll(() => identity.stop());
afterEach(() => void vi.useRealTimers());

type Parameters = Record<string, string>;

const request = (parameters: Parameters = {}) =>
  authorization(issuer, {
    client_id: 'conformance',
    redirect_uri: CALLBACK,
    audience: '',
    scope: 'openid',
    ...parameters,
  });

const redeem = (code: string, verifier: string, client: Parameters = {}, headers: Parameters = {}) =>
  token(
    issuer,
    {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: CALLBACK,
      ...client,
    },
    { Authorization: BASIC, ...headers },
  );

/** A whole login: what the client is answered, its tokens, and its ID token's claims once verified. */
async function logIn(parameters: Parameters = {}, browser = new Browser(issuer)) {
  const { url, verifier } = request(parameters);
  const answer = await authorize(browser, url, ADMIN);
  const location = new URL(answer.headers.get('location') ?? 'about:blank');
  const code = codeFrom(answer);
  const response = await redeem(code, verifier);
  const tokens = (await response.json()) as Tokens;
  const keys = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`));
  const id = await jwtVerify(tokens.id_token ?? '', keys, { issuer, audience: 'conformance' });
  return { response, location, browser, code, verifier, tokens, id: id.payload };
}

/** What the client hears, or sees on our page, when nobody acts on the request. */
async function answerTo(parameters: Parameters, browser = new Browser(issuer)) {
  const response = await browser.follow(await browser.get(request(parameters).url));
  const location = response.headers.get('location');
  const error = location === null ? undefined : new URL(location).searchParams.get('error');
  return { status: response.status, location, error, page: await response.text() };
}

const userinfo = (init: RequestInit) => fetch(`${issuer}userinfo`, init);
const withHeader = ({ access_token }: Tokens) => ({ Authorization: `Bearer ${access_token}` });
const claimsOf = async (tokens: Tokens) =>
  (await userinfo({ headers: withHeader(tokens) })).json() as Promise<Record<string, unknown>>;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Nothing changes by it: the login goes through. */
const succeeds = (parameters: Parameters) => async () => {
  const { location, id } = await logIn(parameters);
  expect(location.searchParams.get('state')).toBe('a-state');
  expect(id['nonce']).toBe('a-nonce');
};

/** Refused, with a sentence on our page or to the client. */
const isRefused = (parameters: Parameters, error: string) => async () => {
  expect((await answerTo(parameters)).error).toBe(error);
};

const unsigned = (claims: Parameters) => new UnsecuredJWT(claims).encode();

const MODULES: Readonly<Record<string, () => Promise<void>>> = {
  'oidcc-server': async () => {
    const { location, tokens, id, response } = await logIn({ scope: 'openid profile email' });
    expect(Object.fromEntries(location.searchParams)).toEqual({
      code: expect.any(String),
      state: 'a-state',
      iss: issuer,
    });
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    expect(id).toMatchObject({ sub: expect.any(String), exp: expect.any(Number), iat: expect.any(Number) });
  },
  'oidcc-response-type-missing': isRefused({ response_type: '' }, 'invalid_request'),
  'oidcc-idtoken-signature': async () => {
    const { tokens } = await logIn();
    const [header = '', payload = '', signature = ''] = (tokens.id_token ?? '').split('.');
    const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    const keys = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`));
    await expect(jwtVerify(changed, keys)).rejects.toThrow('signature verification failed');
  },
  'oidcc-codereuse': async () => {
    const { code, verifier, tokens } = await logIn();
    const again = await redeem(code, verifier);
    expect([again.status, await again.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    expect((await userinfo({ headers: withHeader(tokens) })).status).toBe(401);
  },
  'oidcc-codereuse-30seconds': async () => {
    const { code, verifier, tokens } = await logIn();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 31_000 });
    const again = await redeem(code, verifier);
    expect([again.status, await again.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    expect((await userinfo({ headers: withHeader(tokens) })).status).toBe(401);
  },
  'oidcc-scope-profile': async () => {
    const { tokens } = await logIn({ scope: 'openid profile' });
    const claims = await claimsOf(tokens);
    expect(claims).toMatchObject({ name: 'Ada Admin', nickname: 'admin', updated_at: expect.any(Number) });
    expect(claims).not.toHaveProperty('email');
  },
  'oidcc-scope-email': async () => {
    const { tokens } = await logIn({ scope: 'openid email' });
    const claims = await claimsOf(tokens);
    expect(claims).toMatchObject({ email: ADMIN.email, email_verified: true });
    expect(claims).not.toHaveProperty('name');
  },
  'oidcc-scope-address': succeeds({ scope: 'openid address' }),
  'oidcc-scope-phone': succeeds({ scope: 'openid phone' }),
  'oidcc-scope-all': async () => {
    const { tokens } = await logIn({ scope: 'openid profile email address phone' });
    expect(await claimsOf(tokens)).toMatchObject({ name: 'Ada Admin', email: ADMIN.email });
    expect(tokens.scope).toBe('openid profile email');
  },
  'oidcc-ensure-other-scope-order-succeeds': async () => {
    const { tokens } = await logIn({ scope: 'email openid' });
    expect(await claimsOf(tokens)).toMatchObject({ email: ADMIN.email });
  },
  'oidcc-claims-essential': succeeds({ claims: '{"userinfo":{"name":{"essential":true}}}' }),
  'oidcc-claims-locales': succeeds({ claims_locales: 'se' }),
  'oidcc-userinfo-get': async () => {
    const { tokens, id } = await logIn();
    expect((await claimsOf(tokens))['sub']).toBe(id.sub);
  },
  'oidcc-userinfo-post-header': async () => {
    const { tokens, id } = await logIn();
    const response = await userinfo({ method: 'POST', headers: withHeader(tokens) });
    expect(await response.json()).toMatchObject({ sub: id.sub });
  },
  'oidcc-userinfo-post-body': async () => {
    const { tokens, id } = await logIn();
    const body = new URLSearchParams({ access_token: tokens.access_token });
    expect(await (await userinfo({ method: 'POST', body })).json()).toMatchObject({ sub: id.sub });
  },
  'oidcc-alternate-happy-flow': async () => {
    const first = await logIn();
    const second = await logIn({ nonce: 'another', state: 'other' }, first.browser);
    expect(second.id['nonce']).toBe('another');
    expect(second.location.searchParams.get('state')).toBe('other');
    expect(second.id.sub).toBe(first.id.sub);
  },
  'oidcc-display-page': succeeds({ display: 'page' }),
  'oidcc-display-popup': succeeds({ display: 'popup' }),
  'oidcc-ui-locales': succeeds({ ui_locales: 'se' }),
  'oidcc-login-hint': async () => {
    const { page } = await answerTo({ login_hint: 'somebody@example.com' });
    expect(page).toContain('value="somebody@example.com"');
  },
  'oidcc-id-token-hint': async () => {
    const { tokens, browser, id } = await logIn();
    const hint = { prompt: 'none', id_token_hint: tokens.id_token ?? '' };
    expect((await logIn(hint, browser)).id.sub).toBe(id.sub);
    expect((await answerTo(hint)).error).toBe('login_required');
  },
  'oidcc-prompt-login': async () => {
    const { browser, id } = await logIn({ max_age: '1000' });
    await sleep(1100);
    const { page } = await answerTo({ prompt: 'login' }, browser);
    expect(formAction(page, 'login')).not.toBe('');
    const again = await logIn({ prompt: 'login', max_age: '1000' }, browser);
    expect(again.id.sub).toBe(id.sub);
    expect(Number(again.id['auth_time'])).toBeGreaterThan(Number(id['auth_time']));
  },
  'oidcc-prompt-none-logged-in': async () => {
    const { browser, id } = await logIn({ max_age: '1000' });
    const silent = await logIn({ prompt: 'none', max_age: '1000' }, browser);
    expect([silent.id.sub, silent.id['auth_time']]).toEqual([id.sub, id['auth_time']]);
  },
  'oidcc-prompt-none-not-logged-in': isRefused({ prompt: 'none' }, 'login_required'),
  'oidcc-max-age-1': async () => {
    const { browser, id } = await logIn({ max_age: '1000' });
    await sleep(2100);
    const { page } = await answerTo({ max_age: '1' }, browser);
    expect(formAction(page, 'login')).not.toBe('');
    expect((await answerTo({ max_age: '1', prompt: 'none' }, browser)).error).toBe('login_required');
    const again = await logIn({ max_age: '1' }, browser);
    expect(Number(again.id['auth_time'])).toBeGreaterThan(Number(id['auth_time']));
  },
  'oidcc-max-age-10000': async () => {
    const { browser, id } = await logIn({ max_age: '10000' });
    const again = await logIn({ max_age: '10000', prompt: 'none' }, browser);
    expect(again.id['auth_time']).toBe(id['auth_time']);
  },
  'oidcc-ensure-post-request-succeeds': async () => {
    const { url, verifier } = request();
    const browser = new Browser(issuer);
    const form = Object.fromEntries(new URL(url).searchParams);
    const link = await browser.post('/authorize', form, {
      Origin: 'http://localhost:6060',
      'Sec-Fetch-Site': 'cross-site',
    });
    expect(link.status).toBe(303);
    const answer = await authorize(browser, link.headers.get('location') ?? '', ADMIN);
    expect((await redeem(codeFrom(answer), verifier)).status).toBe(200);
  },
  'oidcc-ensure-registered-redirect-uri': async () => {
    const { status, location } = await answerTo({ redirect_uri: `${CALLBACK}/other` });
    expect([status, location]).toEqual([400, null]);
  },
  'oidcc-ensure-request-object-with-redirect-uri': async () => {
    const other = unsigned({ redirect_uri: `${CALLBACK}/other`, client_id: 'conformance' });
    const { error, location } = await answerTo({ request: other });
    expect(error).toBe('request_not_supported');
    expect(location).toContain(`${CALLBACK}?`);
  },
  'oidcc-ensure-request-with-acr-values-succeeds': async () => {
    const { id } = await logIn({ acr_values: 'urn:portcullis:acr:password urn:other' });
    expect(id['acr']).toBe('urn:portcullis:acr:password');
  },
  'oidcc-ensure-request-with-unknown-parameter-succeeds': succeeds({ extra: 'foobar' }),
  'oidcc-ensure-request-with-valid-pkce-succeeds': succeeds({}),
  'oidcc-ensure-request-without-nonce-succeeds-for-code-flow': async () => {
    expect((await logIn({ nonce: '' })).id).not.toHaveProperty('nonce');
  },
  'oidcc-refresh-token': async () => {
    const { tokens, id } = await logIn({ scope: 'openid offline_access', prompt: 'consent' });
    const renew = (refresh_token: string, client: Parameters, headers: Parameters) =>
      token(issuer, { grant_type: 'refresh_token', refresh_token, ...client }, headers);
    const stolen = await renew(tokens.refresh_token ?? '', { client_id: 'supper-club' }, {});
    expect([stolen.status, await stolen.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    const response = await renew(tokens.refresh_token ?? '', {}, { Authorization: BASIC });
    const renewed = (await response.json()) as Tokens;
    const claims = decodeJwt(renewed.id_token ?? '');
    expect([claims.iss, claims.sub, claims.aud]).toEqual([id.iss, id.sub, id.aud]);
    expect(claims['auth_time']).toBe(id['auth_time']);
    expect(renewed.access_token).not.toBe(tokens.access_token);
  },
  'oidcc-server-client-secret-post': async () => {
    const { url, verifier } = request();
    const code = codeFrom(await authorize(new Browser(issuer), url, ADMIN));
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK };
    const client = { client_id: 'conformance', client_secret: SECRET };
    expect((await token(issuer, { ...form, ...client })).status).toBe(200);
  },
  'oidcc-idtoken-unsigned': async () => {
    const metadata = await (await fetch(`${issuer}.well-known/openid-configuration`)).json();
    expect(metadata).toMatchObject({ id_token_signing_alg_values_supported: ['RS256'] });
  },
  'oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported': isRefused(
    { request_uri: 'http://localhost:6060/request.jwt' },
    'request_uri_not_supported',
  ),
  'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported': isRefused(
    { request: unsigned({ client_id: 'conformance', redirect_uri: CALLBACK }) },
    'request_not_supported',
  ),
};

describe('the Basic OP conformance plan', () => {
  it.each(Object.entries(MODULES))('%s', async (_module, check) => {
    await check();
    expect.hasAssertions();
  });
});

describe('the Form Post plan', () => {
  it('has the answer posted to the client by a page of ours', async () => {
    const browser = new Browser(issuer);
    const response = await authorize(browser, request({ response_mode: 'form_post' }).url, ADMIN);
    const page = await response.text();
    expect(page).toContain(`action="${CALLBACK}"`);
    for (const name of ['code', 'state', 'iss']) expect(page).toContain(`name="${name}"`);
    expect(response.headers.get('content-security-policy')).toContain('http://localhost:6060');
  });
});

describe('the Config plan', () => {
  it('finds in the metadata what OpenID Connect Discovery asks for', async () => {
    const metadata = (await (await fetch(`${issuer}.well-known/openid-configuration`)).json()) as object;
    expect(metadata).toMatchObject({
      issuer,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      claims_supported: expect.arrayContaining(['sub', 'iss', 'auth_time', 'email', 'name']),
      scopes_supported: expect.arrayContaining(['openid']),
      grant_types_supported: [
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
      ],
      request_uri_parameter_supported: false,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
    for (const [name, value] of Object.entries(metadata)) {
      if (name.endsWith('_endpoint') || name === 'jwks_uri') expect(value).toMatch(new RegExp(`^${issuer}`));
    }
  });
});
