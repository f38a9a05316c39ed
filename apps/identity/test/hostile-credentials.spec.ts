import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { hashSecret } from '../src/clients/client-secret.ts';
import { Browser } from './support/browser.ts';
import { addClient, SECRET } from './support/clients.ts';
import { ADMIN, startForTest } from './support/identity.ts';
import { authorization, authorize, codeFrom, MENU_API, token } from './support/login.ts';

const signing = await generateKeyPair('ES256', { extractable: true });
const publicJwk = await exportJWK(signing.publicKey);
const CALLBACK = 'http://localhost:6060/callback';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;
/** Nobody must ever ask it for anything. */
let bystander: Server;
let visits = 0;
let bystanderUrl: string;

beforeAll(async () => {
  bystander = createServer((_request, response) => {
    visits += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => bystander.listen(0, '127.0.0.1', resolve));
  bystanderUrl = `http://127.0.0.1:${(bystander.address() as AddressInfo).port}`;
  identity = await startForTest(
    {},
    {
      prepare: async (db) => {
        const jwks = { keys: [{ ...publicJwk, kid: 'k1', alg: 'ES256', use: 'sig' }] };
        await addClient(db, { id: 'signer', secretHash: null, jwks });
        await addClient(db, { id: 'shop' });
        await addClient(db, { id: 'page', secretHash: null });
      },
    },
  );
  issuer = identity.url;
});
afterAll(async () => {
  await identity.stop();
  bystander.close();
});
afterEach(() => void vi.useRealTimers());

const refusal = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: string }).error,
];
type Spoiled = Readonly<Record<string, unknown>>;

const now = () => Math.floor(Date.now() / 1000);
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('an assertion of a client', () => {
  const claims = (spoiled: Spoiled = {}): JWTPayload => ({
    iss: 'signer',
    sub: 'signer',
    aud: issuer,
    jti: crypto.randomUUID(),
    iat: now(),
    exp: now() + 60,
    ...spoiled,
  });
  const sign = (payload: JWTPayload, key = signing.privateKey) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid: 'k1' }).sign(key);
  const send = (assertion: string, more: Record<string, string> = {}) =>
    token(issuer, {
      grant_type: 'client_credentials',
      audience: MENU_API,
      client_id: 'signer',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      ...more,
    });

  it.each(['', 'oauth/token'])('for our address /%s is good', async (path) => {
    expect((await send(await sign(claims({ aud: issuer + path })))).status).toBe(200);
    expect((await send(await sign(claims({ aud: [issuer + path] })))).status).toBe(200);
  });

  it('is good once, of twenty at the same time too', async () => {
    const assertion = await sign(claims());
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    expect(await refusal(await send(assertion))).toEqual([401, 'invalid_client']);
  });

  it.each<[string, () => Spoiled]>([
    ['another audience', () => ({ aud: 'https://other.example.com/' })],
    ['the issuer without its slash', () => ({ aud: issuer.slice(0, -1) })],
    ['another audience beside us', () => ({ aud: [issuer, 'https://other.example.com/'] })],
    ['no audience', () => ({ aud: undefined })],
    ['another issuer', () => ({ iss: 'shop' })],
    ['no identifier', () => ({ jti: undefined })],
    ['no end', () => ({ exp: undefined })],
    ['an end that was', () => ({ exp: now() - 60 })],
    ['an end too far', () => ({ exp: now() + 3600 })],
    ['a beginning to come', () => ({ nbf: now() + 120 })],
  ])('with %s is refused', async (_name, spoil) => {
    expect(await refusal(await send(await sign(claims(spoil()))))).toEqual([401, 'invalid_client']);
  });

  it('signed with another key, with the public one, or not at all is refused', async () => {
    const other = await sign(claims(), (await generateKeyPair('ES256')).privateKey);
    const hmac = await new SignJWT(claims())
      .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
      .sign(new TextEncoder().encode(JSON.stringify(publicJwk)));
    const none = `${base64url({ alg: 'none' })}.${base64url(claims())}.`;
    for (const assertion of [other, hmac, none]) {
      expect(await refusal(await send(assertion))).toEqual([401, 'invalid_client']);
    }
  });

  it('of one client does not speak for another, nor with a key that it brings along', async () => {
    const forShop = await sign(claims({ iss: 'shop', sub: 'shop' }));
    expect(await refusal(await send(forShop, { client_id: 'shop' }))).toEqual([401, 'invalid_client']);
    const stranger = await generateKeyPair('ES256', { extractable: true });
    const header = {
      alg: 'ES256',
      jwk: await exportJWK(stranger.publicKey),
      jku: `${bystanderUrl}/jwks.json`,
      x5u: `${bystanderUrl}/x5u`,
    };
    const brought = await new SignJWT(claims()).setProtectedHeader(header).sign(stranger.privateKey);
    expect(await refusal(await send(brought))).toEqual([401, 'invalid_client']);
    expect(visits).toBe(0);
  });

  it('is the only way in for a client with keys', async () => {
    const form = { grant_type: 'client_credentials', audience: MENU_API, client_id: 'signer' };
    for (const client_secret of [SECRET, '']) {
      expect((await token(issuer, { ...form, client_secret })).status).toBe(401);
    }
  });
});

describe('a secret', () => {
  const send = (client_secret: string) =>
    token(issuer, { grant_type: 'client_credentials', audience: MENU_API, client_id: 'shop', client_secret });

  it.each([
    ['its hash', hashSecret(SECRET)],
    ['its beginning', SECRET.slice(0, -1)],
    ['more', `${SECRET}x`],
    ['other case', SECRET.toUpperCase()],
    ['nothing', ''],
  ])('is not %s', async (_name, presented) => {
    expect(await refusal(await send(presented))).toEqual([401, 'invalid_client']);
  });

  it('in two places at once is refused', async () => {
    const form = { grant_type: 'client_credentials', audience: MENU_API, client_secret: SECRET };
    const Authorization = `Basic ${Buffer.from(`shop:${SECRET}`).toString('base64')}`;
    expect(await refusal(await token(issuer, form, { Authorization }))).toEqual([400, 'invalid_request']);
  });
});

describe('a grant type that is not offered', () => {
  it.each([
    ['password', { username: ADMIN.email, password: ADMIN.password }],
    ['implicit', {}],
    ['urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: 'a.b.c' }],
    ['urn:ietf:params:oauth:grant-type:token-exchange', { subject_token: 'a' }],
    ['urn:openid:params:grant-type:ciba', { auth_req_id: 'a' }],
    ['__proto__', {}],
  ])('%s gives nothing', async (grant_type, more) => {
    const response = await token(issuer, { grant_type, client_id: 'shop', client_secret: SECRET, ...more });
    expect(await refusal(response)).toEqual([400, 'unsupported_grant_type']);
  });

  it.each(['oidc/register', 'oauth/register', 'register', 'reg', 'connect/register'])(
    'nor does anybody register a client at /%s',
    async (path) => {
      const body = JSON.stringify({ redirect_uris: ['https://evil.example/'] });
      const headers = { 'Content-Type': 'application/json' };
      expect((await fetch(`${issuer}${path}`, { method: 'POST', headers, body })).status).toBe(404);
    },
  );
});

describe('a proof of possession at the token endpoint', () => {
  const claims = (spoiled: Spoiled = {}): JWTPayload => ({
    htm: 'POST',
    htu: `${issuer}oauth/token`,
    iat: now(),
    jti: crypto.randomUUID(),
    ...spoiled,
  });
  const sign = (payload: JWTPayload, header: object = {}) =>
    new SignJWT(payload)
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk, ...header })
      .sign(signing.privateKey);
  const send = (DPoP: string) =>
    token(
      issuer,
      { grant_type: 'client_credentials', audience: MENU_API, client_id: 'shop', client_secret: SECRET },
      { DPoP },
    );

  it('binds once, of twenty at the same time too', async () => {
    const proof = await sign(claims());
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19);
  });

  it.each<[string, () => Spoiled, object?]>([
    ['another address', () => ({ htu: `${issuer}userinfo` })],
    ['another host', () => ({ htu: 'http://evil.example/oauth/token' })],
    ['another method', () => ({ htm: 'GET' })],
    ['no identifier', () => ({ jti: undefined })],
    ['no time', () => ({ iat: undefined })],
    ['another type', () => ({}), { typ: 'JWT' }],
    ['no key', () => ({}), { jwk: undefined }],
    ['a private key', () => ({}), { jwk: { ...publicJwk, d: 'AAAA' } }],
    ['another key', () => ({}), { jwk: { ...publicJwk, x: publicJwk.y, y: publicJwk.x } }],
  ])('with %s is refused', async (_name, spoil, header) => {
    expect(await refusal(await send(await sign(claims(spoil()), header)))).toEqual([
      400,
      'invalid_dpop_proof',
    ]);
  });

  it('that is old is asked for again with a nonce, which then is good', async () => {
    const response = await send(await sign(claims({ iat: now() - 3600 })));
    const nonce = response.headers.get('dpop-nonce') ?? '';
    expect(await refusal(response)).toEqual([400, 'use_dpop_nonce']);
    expect((await send(await sign(claims({ iat: now() - 3600, nonce })))).status).toBe(200);
    expect(await refusal(await send(await sign(claims({ nonce: 'made-up' }))))).toEqual([
      400,
      'use_dpop_nonce',
    ]);
  });

  it('that is none is refused, and nothing is given unbound', async () => {
    for (const proof of ['nonsense', `${base64url({ alg: 'none', typ: 'dpop+jwt', jwk: publicJwk })}.e30.`]) {
      expect(await refusal(await send(proof))).toEqual([400, 'invalid_dpop_proof']);
    }
  });
});

describe('a code', () => {
  const PAGE = { client_id: 'page', redirect_uri: CALLBACK };
  const fresh = async () => {
    const { url, verifier } = authorization(issuer, PAGE);
    return { code: codeFrom(await authorize(new Browser(issuer), url, ADMIN)), verifier };
  };
  const redeem = (form: Record<string, string>) =>
    token(issuer, { grant_type: 'authorization_code', ...PAGE, ...form });

  it.each([
    ['another redirect URI', { redirect_uri: `${CALLBACK}/` }, 'invalid_grant'],
    ['no redirect URI', { redirect_uri: '' }, 'invalid_request'],
    ['another verifier', { code_verifier: 'a'.repeat(43) }, 'invalid_grant'],
    ['no verifier', { code_verifier: '' }, 'invalid_grant'],
    ['another client', { client_id: 'supper-club' }, 'invalid_grant'],
  ])('with %s gives nothing', async (_name, spoiled, error) => {
    const { code, verifier } = await fresh();
    const form = { code, code_verifier: verifier };
    expect(await refusal(await redeem({ ...form, ...spoiled }))).toEqual([400, error]);
  });

  it('is good for a minute', async () => {
    const [early, late] = [await fresh(), await fresh()];
    expect((await redeem({ code: early.code, code_verifier: early.verifier })).status).toBe(200);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    const response = await redeem({ code: late.code, code_verifier: late.verifier });
    expect(await refusal(response)).toEqual([400, 'invalid_grant']);
  });
});

describe('a pushed request', () => {
  const SHOP = { client_id: 'shop', redirect_uri: CALLBACK };
  const push = (spoiled: Record<string, string> = {}, secret = SECRET) => {
    const { url } = authorization(issuer, SHOP);
    const form = { ...Object.fromEntries(new URL(url).searchParams), client_secret: secret, ...spoiled };
    return fetch(`${issuer}oauth/par`, { method: 'POST', body: new URLSearchParams(form) });
  };
  const pushed = async () => ((await (await push()).json()) as { request_uri: string }).request_uri;
  const open = (requestUri: string, client = 'shop') =>
    new Browser(issuer).get(
      `${issuer}authorize?${new URLSearchParams({ client_id: client, request_uri: requestUri })}`,
    );

  it.each([
    ['without its secret', {}, 'wrong', [401, 'invalid_client']],
    [
      'for an address that is not registered',
      { redirect_uri: 'http://evil.example/' },
      SECRET,
      [400, 'invalid_request'],
    ],
    ['without PKCE', { code_challenge: '' }, SECRET, [400, 'invalid_request']],
    [
      'for an API that nobody registered',
      { audience: 'https://unknown.example.com' },
      SECRET,
      [400, 'invalid_target'],
    ],
  ])('%s is refused at once', async (_name, spoiled, secret, expected) => {
    expect(await refusal(await push(spoiled, secret))).toEqual(expected);
  });

  it('for two APIs is refused', async () => {
    const { url } = authorization(issuer, SHOP);
    const form = new URLSearchParams({
      ...Object.fromEntries(new URL(url).searchParams),
      client_secret: SECRET,
    });
    form.append('resource', MENU_API);
    form.append('resource', MENU_API);
    const response = await fetch(`${issuer}oauth/par`, { method: 'POST', body: form });
    expect(await refusal(response)).toEqual([400, 'invalid_target']);
  });

  it('with the character NUL in it is stumbled over by nothing', async () => {
    const { request_uri } = (await (await push({ state: 'a\0b' })).json()) as { request_uri: string };
    const response = await open(request_uri);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toMatch(/error=invalid_request/);
  });

  it('belongs to its client, and is good for one login within a minute', async () => {
    const requestUri = await pushed();
    expect((await open(requestUri, 'page')).headers.get('location') ?? '').not.toMatch(/interaction/);
    const browser = new Browser(issuer);
    const url = `${issuer}authorize?${new URLSearchParams({ client_id: 'shop', request_uri: requestUri })}`;
    expect(codeFrom(await authorize(browser, url, ADMIN))).not.toBe('');
    expect((await browser.get(url)).headers.get('location') ?? '').not.toMatch(/code=|interaction/);

    const late = await pushed();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect((await open(late)).headers.get('location') ?? '').not.toMatch(/code=|interaction/);
  });

  it.each([
    'http://127.0.0.1/request.jwt',
    'http://169.254.169.254/latest/meta-data/',
    'urn:ietf:params:oauth:request_uri:unknown',
    'file:///etc/passwd',
  ])('named %s makes us ask nobody', async (requestUri) => {
    const uri = requestUri.replace('http://127.0.0.1', bystanderUrl);
    for (const response of [await open(uri), await push({ request_uri: uri })]) {
      const location = response.headers.get('location') ?? '';
      expect(response.status >= 400 || location.includes('error=')).toBe(true);
      expect(location).not.toMatch(/interaction|code=/);
    }
    expect(visits).toBe(0);
  });
});
