import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { ADMIN, startForTest } from './support/identity.ts';
import {
  authorization,
  authorize,
  codeFrom,
  exchange,
  logIn,
  refresh,
  token,
  type Tokens,
} from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest({ REFRESH_LEEWAY: '1' });
  issuer = identity.url;
});
afterAll(() => identity.stop());

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a refresh token', () => {
  it('is rotated at every use and brings a new access token and ID token of the same login', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const response = await refresh(issuer, tokens.refresh_token ?? '');
    const renewed = (await response.json()) as Tokens;
    expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
    const [before, after] = [decodeJwt(tokens.access_token), decodeJwt(renewed.access_token)];
    expect(after.jti).not.toBe(before.jti);
    for (const claim of ['sub', 'aud', 'sid', 'gid', 'auth_time', 'permissions', 'scope']) {
      expect(after[claim]).toEqual(before[claim]);
    }
    expect(decodeJwt(renewed.id_token ?? '')).toMatchObject({ nonce: 'a-nonce', email: ADMIN.email });
    expect(renewed.scope).toBe('openid profile email offline_access');
  });

  it('used again within the leeway brings the same successor, and the family lives', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const first = (await (await refresh(issuer, tokens.refresh_token ?? '')).json()) as Tokens;
    const again = await refresh(issuer, tokens.refresh_token ?? '');
    expect(again.status).toBe(200);
    const retried = (await again.json()) as Tokens;
    expect(retried.refresh_token).toBe(first.refresh_token);
    expect(decodeJwt(retried.access_token).jti).not.toBe(decodeJwt(first.access_token).jti);
    expect((await refresh(issuer, first.refresh_token ?? '')).status).toBe(200);
  });

  it('has no leeway any more once its successor was used', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const first = (await (await refresh(issuer, tokens.refresh_token ?? '')).json()) as Tokens;
    const second = (await (await refresh(issuer, first.refresh_token ?? '')).json()) as Tokens;
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
    expect((await refresh(issuer, second.refresh_token ?? '')).status).toBe(403);
  });

  it.each([
    ['resource', { resource: 'https://elsewhere.example' }],
    ['scope', { scope: 'openid phone' }],
    ['client', { client_id: 'supper-club' }],
  ])('asked to do what it may not do (%s) is not used up by that', async (_name, wrong) => {
    const { tokens } = await logIn(issuer, ADMIN);
    const refused = await refresh(issuer, tokens.refresh_token ?? '', wrong);
    expect(refused.status).toBeGreaterThanOrEqual(400);
    await wait(1100);
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(200);
  });

  it('used again after the leeway ends its whole family', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const first = (await (await refresh(issuer, tokens.refresh_token ?? '')).json()) as Tokens;
    await wait(1100);
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
    expect((await refresh(issuer, first.refresh_token ?? '')).status).toBe(403);
  });

  it('of another client is refused', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const response = await refresh(issuer, tokens.refresh_token ?? '', { client_id: 'supper-club' });
    expect(response.status).toBe(400);
  });

  it('is given for offline_access alone', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { scope: 'openid' });
    expect(tokens.refresh_token).toBeUndefined();
  });

  it('comes over silent authentication too', async () => {
    const { browser } = await logIn(issuer, ADMIN);
    const { tokens } = await logIn(issuer, ADMIN, { prompt: 'none' }, browser);
    expect(tokens.refresh_token).toEqual(expect.any(String));
  });

  it('is revoked by its client, and the revocation answers the same for an unknown one', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    for (const body of [tokens.refresh_token ?? '', 'unknown']) {
      const response = await fetch(`${issuer}oauth/revoke`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ client_id: 'wab-dashboard', token: body }),
      });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe('');
    }
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
  });
});

describe('an authorization code used twice', () => {
  it('is refused and takes the tokens of the first use with it (RFC 6749, 4.1.2)', async () => {
    const { url, verifier } = authorization(issuer);
    const code = codeFrom(await authorize(new Browser(issuer), url, ADMIN));
    const tokens = (await (await exchange(issuer, code, verifier)).json()) as Tokens;
    const again = await exchange(issuer, code, verifier);
    expect(again.status).toBe(403);
    expect(await again.json()).toMatchObject({ error_description: 'Invalid authorization code' });
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
  });
});

describe('a token request in JSON', () => {
  const post = (body: string) =>
    fetch(`${issuer}oauth/token`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json; charset=utf-8', Origin: 'http://localhost:4040' },
      body,
    });

  it('is answered like a form', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const response = await post(
      JSON.stringify({
        grant_type: 'refresh_token',
        client_id: 'wab-dashboard',
        refresh_token: tokens.refresh_token,
      }),
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:4040');
  });

  it.each([
    ['a name twice', '{"client_id":"wab-dashboard","client_id":"supper-club"}'],
    ['a name twice, once escaped', '{"client_id":"wab-dashboard","client\\u005fid":"supper-club"}'],
    ['an array', '{"client_id":["wab-dashboard"]}'],
    ['an object', '{"client_id":{"a":"b"}}'],
    ['no object', '["client_id"]'],
    ['two objects', '{"client_id":"a"}{"client_id":"b"}'],
    ['a broken escape', '{"client_id":"\\x"}'],
    ['a trailing comma', '{"client_id":"a",}'],
    ['nothing', ''],
  ])('with %s is refused', async (_name, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });
});

describe('cross-origin requests', () => {
  it.each([
    ['http://localhost:4040', 'http://localhost:4040', 400],
    ['http://evil.example', null, 400],
  ])('from %s to the token endpoint are allowed for %s', async (origin, allowed, status) => {
    const response = await token(
      issuer,
      { grant_type: 'refresh_token', client_id: 'wab-dashboard', refresh_token: '' },
      { Origin: origin },
    );
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
  });
});
