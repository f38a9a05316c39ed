import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { ADMIN, MACHINE_SECRET, startForTest } from './support/identity.ts';
import {
  authorization,
  codeFrom,
  formAction,
  formToken,
  logIn,
  MENU_API,
  token,
  type Tokens,
} from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
});
afterAll(() => identity.stop());

describe('a machine', () => {
  const request = (spoiled: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    token(
      issuer,
      {
        grant_type: 'client_credentials',
        client_id: 'wab-machine',
        client_secret: MACHINE_SECRET,
        audience: MENU_API,
        ...spoiled,
      },
      headers,
    );

  it('gets all that it was granted when it names no scope', async () => {
    const response = await request();
    const { access_token } = (await response.json()) as Tokens;
    expect(decodeJwt(access_token)).toMatchObject({
      sub: 'wab-machine@clients',
      client_id: 'wab-machine',
      aud: MENU_API,
      scope: 'create:items delete:items read:items update:items',
      permissions: ['create:items', 'delete:items', 'read:items', 'update:items'],
      jti: expect.any(String),
    });
  });

  it('gets less when it asks for less', async () => {
    const { access_token } = (await (await request({ scope: 'read:items other:things' })).json()) as Tokens;
    expect(decodeJwt(access_token)).toMatchObject({ scope: 'read:items', permissions: ['read:items'] });
  });

  it('may show its secret in the header as well', async () => {
    const { client_id, client_secret, ...form } = {
      grant_type: 'client_credentials',
      client_id: 'wab-machine',
      client_secret: MACHINE_SECRET,
      audience: MENU_API,
    };
    const Authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    expect((await token(issuer, form, { Authorization })).status).toBe(200);
  });

  it.each([
    ['a wrong secret', { client_secret: `${MACHINE_SECRET}x` }, 401, 'invalid_client'],
    ['an unknown client', { client_id: 'unknown' }, 401, 'invalid_client'],
    ['an unknown API', { audience: 'https://unknown.example.com' }, 400, 'invalid_target'],
    ['no API', { audience: '' }, 400, 'invalid_target'],
    ['a grant type that is not its own', { grant_type: 'refresh_token' }, 400, 'unauthorized_client'],
  ])('with %s gets nothing', async (_name, spoiled: Record<string, string>, status, error) => {
    const response = await request(spoiled);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
  });

  it('is not every client', async () => {
    const response = await request({ client_id: 'supper-club', client_secret: '' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'unauthorized_client' });
  });
});

describe('a third-party client', () => {
  const SUPPER_CLUB = {
    client_id: 'supper-club',
    redirect_uri: 'http://localhost:5050/callback',
    scope: 'openid profile create:items',
  };

  const consentPage = async (browser: Browser) => {
    // What was allowed before is remembered, and asked again all the same.
    const { url } = authorization(issuer, { ...SUPPER_CLUB, prompt: 'consent' });
    const login = await browser.follow(await browser.get(url));
    const html = await login.text();
    const response = await browser.follow(
      await browser.post(formAction(html, 'login'), { form_token: formToken(html), ...ADMIN }),
    );
    return { response, html: await response.text() };
  };

  it('must be allowed by the user, who sees who asks for what', async () => {
    const { html } = await consentPage(new Browser(issuer));
    for (const text of ['Supper Club', 'admin@example.com', 'See your name', 'Add dishes to the menu']) {
      expect(html).toContain(text);
    }
  });

  it('is allowed once by one form, and by nothing else that is in it', async () => {
    const browser = new Browser(issuer);
    const { html } = await consentPage(browser);
    const form = { form_token: formToken(html), client_id: 'wab-dashboard', scope: 'openid delete:items' };
    const response = await browser.follow(await browser.post(formAction(html, 'consent'), form));
    expect(response.headers.get('location')).toMatch(/^http:\/\/localhost:5050\/callback\?code=/);
    const again = await browser.post(formAction(html, 'consent'), form);
    expect(again.status).toBe(400);
    expect(await again.text()).toContain('Please start again');
    const { tokens } = await logIn(issuer, ADMIN, SUPPER_CLUB, browser);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: 'supper-club', scope: 'create:items' });
  });

  it('hears access_denied when the user denies', async () => {
    const browser = new Browser(issuer);
    const { html } = await consentPage(browser);
    const response = await browser.follow(
      await browser.post(formAction(html, 'abort'), { form_token: formToken(html) }),
    );
    expect(response.headers.get('location')).toMatch(
      /^http:\/\/localhost:5050\/callback\?error=access_denied/,
    );
  });

  it('is not allowed by a form of another site', async () => {
    const browser = new Browser(issuer);
    const { html } = await consentPage(browser);
    const response = await browser.post(
      formAction(html, 'consent'),
      { form_token: formToken(html) },
      { 'Sec-Fetch-Site': 'cross-site' },
    );
    expect(response.status).toBe(403);
  });

  it('that was allowed is not asked about again, until it wants more', async () => {
    const { browser } = await logIn(issuer, ADMIN, SUPPER_CLUB);
    const again = await browser.follow(await browser.get(authorization(issuer, SUPPER_CLUB).url));
    expect(codeFrom(again)).not.toBe('');
    const more = { ...SUPPER_CLUB, scope: `${SUPPER_CLUB.scope} read:items` };
    expect((await browser.follow(await browser.get(authorization(issuer, more).url))).status).toBe(200);
  });

  it('hears nothing of the roles that its user has with others', async () => {
    const { tokens } = await logIn(issuer, ADMIN, SUPPER_CLUB);
    const claims = Object.keys(decodeJwt(tokens.id_token ?? ''));
    expect(claims).toContain('name');
    expect(claims.filter((name) => name.endsWith('/roles'))).toEqual([]);
  });

  it('gets no refresh token without asking for consent to it', async () => {
    const { tokens } = await logIn(issuer, ADMIN, { ...SUPPER_CLUB, scope: 'openid offline_access' });
    expect(tokens.refresh_token).toBeUndefined();
  });
});

describe('the command line', () => {
  it('is confirmed every time: anyone may have started it (RFC 8252, 8.6)', async () => {
    const request = { client_id: 'wab-cli', redirect_uri: 'http://127.0.0.1:53117/callback' };
    const { browser } = await logIn(issuer, ADMIN, request);
    const again = await browser.follow(await browser.get(authorization(issuer, request).url));
    expect(again.status).toBe(200);
    expect(await again.text()).toContain('Allow WAB Command Line?');
  });

  it('hears at once that silent authentication is not for it', async () => {
    const { browser } = await logIn(issuer, ADMIN);
    const response = await browser.get(
      authorization(issuer, {
        client_id: 'wab-cli',
        redirect_uri: 'http://127.0.0.1:53117/callback',
        prompt: 'none',
      }).url,
    );
    expect(response.headers.get('location')).toMatch(/error=interaction_required/);
  });
});
