import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from './support/browser.ts';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import {
  authorization,
  authorize,
  codeFrom,
  exchange,
  logIn,
  refresh,
  sendOwnForm,
  type Tokens,
} from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
});
afterAll(() => identity.stop());

const silent = async (browser: Browser) =>
  (await browser.get(authorization(issuer, { prompt: 'none' }).url)).headers.get('location');

describe('silent authentication', () => {
  it('gives a code while the session lives', async () => {
    const { browser } = await logIn(issuer, ADMIN);
    expect(await silent(browser)).toMatch(/callback\?code=/);
  });
});

describe('/v2/logout', () => {
  it('ends the session and its refresh tokens, then goes to the address that was asked for', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    const returnTo = 'http://localhost:4040/home';
    const response = await browser.get(
      `${issuer}v2/logout?client_id=wab-dashboard&returnTo=${encodeURIComponent(returnTo)}`,
    );
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(returnTo);
    expect(await silent(browser)).toMatch(/error=login_required/);
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
  });

  it('goes to the first allowed address when none is asked for', async () => {
    const { browser } = await logIn(issuer, ADMIN);
    const response = await browser.get(`${issuer}v2/logout?client_id=wab-dashboard&federated`);
    expect(response.headers.get('location')).toMatch(/^http:\/\/localhost:4040\/?$/);
  });

  it.each([
    ['http://evil.example/', 'wab-dashboard'],
    ['http://localhost:4040/callback/more', 'wab-dashboard'],
    ['http://localhost:4040', 'supper-club'],
    ['http://localhost:4040', 'unknown'],
    ['http://localhost:4040', ''],
  ])('to %s for client "%s" answers 400 and ends nothing', async (returnTo, client) => {
    const { browser } = await logIn(issuer, ADMIN);
    const query = new URLSearchParams({ client_id: client, returnTo });
    const response = await browser.get(`${issuer}v2/logout?${query}`);
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(await silent(browser)).toMatch(/code=/);
  });
});

describe('/oidc/logout', () => {
  const start = (hint: string, target: string) =>
    `${issuer}oidc/logout?${new URLSearchParams({ id_token_hint: hint, post_logout_redirect_uri: target, state: 'bye' })}`;

  it('asks, ends the session and its refresh tokens, and goes where the client registered', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    const page = await browser.get(start(tokens.id_token ?? '', 'http://localhost:4040/'));
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://localhost:4040");
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    const response = await browser.post('/oidc/logout/confirm', { xsrf, logout: 'yes' });
    expect(response.headers.get('location')).toBe('http://localhost:4040/?state=bye');
    expect(await silent(browser)).toMatch(/error=login_required/);
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
  });

  it('goes there as well when nobody is logged in', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    await browser.get(`${issuer}v2/logout?client_id=wab-dashboard`);
    const page = await browser.get(start(tokens.id_token ?? '', 'http://localhost:4040/'));
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://localhost:4040");
    const response = await sendOwnForm(browser, page);
    expect(response.headers.get('location')).toBe('http://localhost:4040/?state=bye');
  });

  it('may be asked for by a form of another site, and asks the person as well', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    const form = {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: 'http://localhost:4040/',
      state: 'a&b=c',
    };
    const link = await browser.post('/oidc/logout', form, { Origin: 'http://localhost:4040' });
    expect(link.status).toBe(303);
    const page = await browser.follow(link);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    expect(await silent(browser)).toMatch(/code=/);
    const response = await browser.post('/oidc/logout/confirm', { xsrf, logout: 'yes' });
    expect(response.headers.get('location')).toBe('http://localhost:4040/?state=a%26b%3Dc');
  });

  it('ends nothing without the token of its page', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    await browser.get(start(tokens.id_token ?? '', 'http://localhost:4040/'));
    const response = await browser.post('/oidc/logout/confirm', { xsrf: 'wrong', logout: 'yes' });
    expect(response.status).toBe(400);
    expect(await silent(browser)).toMatch(/code=/);
  });

  it('does not go where the client did not register', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    const response = await browser.get(start(tokens.id_token ?? '', 'http://evil.example/'));
    expect(response.status).toBe(400);
  });
});

describe('logging in as somebody else', () => {
  it('ends the former login first', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    const { url, verifier } = authorization(issuer, { prompt: 'login' });
    const page = await authorize(browser, url, GUEST);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://localhost:4040");
    const response = await browser.follow(await sendOwnForm(browser, page));
    const answer = (await (await exchange(issuer, codeFrom(response), verifier)).json()) as Tokens;
    expect(decodeJwt(answer.id_token ?? '')['email']).toBe(GUEST.email);
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
  });
});

describe('/userinfo', () => {
  const userinfo = (token: string, origin = 'http://localhost:4040') =>
    fetch(`${issuer}userinfo`, { headers: { Authorization: `Bearer ${token}`, Origin: origin } });

  it('takes an access token that names it, and no ID token', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const response = await userinfo(tokens.access_token);
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:4040');
    expect(await response.json()).toMatchObject({
      sub: decodeJwt(tokens.access_token).sub,
      name: 'Ada Admin',
    });
    const foreign = await userinfo(tokens.access_token, 'http://evil.example');
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    const wrong = await userinfo(tokens.id_token ?? '');
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toContain('invalid_token');
  });

  it('refuses a token whose grant was ended by logging out', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    await browser.get(`${issuer}v2/logout?client_id=wab-dashboard`);
    expect((await userinfo(tokens.access_token)).status).toBe(401);
  });

  it('refuses a changed token', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const [header = '', payload = '', signature = ''] = tokens.access_token.split('.');
    const changed = `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    expect((await userinfo(changed)).status).toBe(401);
  });
});
