import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { ADMIN, startForTest } from './support/identity.ts';
import {
  authorization,
  authorize,
  codeFrom,
  exchange,
  formAction,
  formToken,
  logIn,
} from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
});
afterAll(() => identity.stop());

const loginPage = async (browser: Browser, spoiled: Record<string, string> = {}) => {
  const response = await browser.follow(await browser.get(authorization(issuer, spoiled).url));
  return { response, html: await response.text() };
};

describe('PKCE', () => {
  it.each([
    ['no challenge', { code_challenge: '', code_challenge_method: '' }],
    ['the plain method', { code_challenge_method: 'plain' }],
    ['a challenge that is no SHA-256', { code_challenge: 'short' }],
  ])('with %s is refused before anyone logs in', async (_name, spoiled) => {
    const response = await new Browser(issuer).get(authorization(issuer, spoiled).url);
    expect(response.headers.get('location')).toMatch(/callback\?error=invalid_request/);
  });

  it('with another verifier gives no token', async () => {
    const { url } = authorization(issuer);
    const code = codeFrom(await authorize(new Browser(issuer), url, ADMIN));
    const response = await exchange(issuer, code, authorization(issuer).verifier);
    expect(response.status).toBe(403);
  });
});

describe('a redirect URI', () => {
  it.each([
    'http://localhost:4040/callback/',
    'http://localhost:4040/Callback',
    'http://localhost:4040/callback?next=1',
    'http://localhost:4040/callback#fragment',
    'http://localhost:4040/callback/../evil',
    'http://localhost:4040.evil.example/callback',
    'http://localhost:4040@evil.example/callback',
    'http://127.0.0.1:4040/callback',
    'https://localhost:4040/callback',
    'http://localhost:4041/callback',
    '//evil.example/callback',
    'javascript:alert(1)',
    'http://localhost:4040/callbac',
    'http://localhost:4040/callback/more',
    'http://localhost:4040/%63allback',
    'http://localhost:4040/\\callback',
    'http://LOCALHOST:4040/callback',
    'http://localhost.:4040/callback',
    'http://user@localhost:4040/callback',
    'http://[::1]:4040/callback',
    'http://localhost:4040/callback\t',
    ' http://localhost:4040/callback',
    'http://localhost/callback',
    'urn:ietf:wg:oauth:2.0:oob',
  ])('that is not registered, %s, is shown here and never gone to', async (redirectUri) => {
    const response = await new Browser(issuer).get(authorization(issuer, { redirect_uri: redirectUri }).url);
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(response.headers.get('content-type')).toMatch(/html/);
  });

  it('that is there twice, one of them registered, is not gone to', async () => {
    const { url } = authorization(issuer);
    const response = await new Browser(issuer).get(`${url}&redirect_uri=http%3A%2F%2Fevil.example%2F`);
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    'http://127.0.0.1.evil.example:61234/callback',
    'http://127.0.0.1:61234@evil.example/callback',
    'http://127.0.0.1:61234/other',
    'https://127.0.0.1:61234/callback',
    'http://127.0.0.2:61234/callback',
  ])('of the command line is not %s', async (redirectUri) => {
    const { response } = await loginPage(new Browser(issuer), {
      client_id: 'wab-cli',
      redirect_uri: redirectUri,
    });
    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it('of the command line may have any port on loopback (RFC 8252, 7.3)', async () => {
    const { response } = await loginPage(new Browser(issuer), {
      client_id: 'wab-cli',
      redirect_uri: 'http://127.0.0.1:61234/callback',
    });
    expect(response.status).toBe(200);
  });
});

describe('other parameters', () => {
  it('that nobody knows are ignored', async () => {
    const { response } = await loginPage(new Browser(issuer), { auth0Client: 'e30=', organization: 'org' });
    expect(response.status).toBe(200);
  });

  it.each(['token', 'id_token', 'code id_token', 'none'])('response_type %s is refused', async (type) => {
    const response = await new Browser(issuer).get(authorization(issuer, { response_type: type }).url);
    expect(response.headers.get('location')).toMatch(/error=unsupported_response_type/);
  });

  it('with markup in them are shown as text', async () => {
    const { html } = await loginPage(new Browser(issuer), { login_hint: '"><script>alert(1)</script>' });
    expect(html).not.toContain('<script');
    const error = await new Browser(issuer).get(
      authorization(issuer, { client_id: '<script>alert(1)</script>' }).url,
    );
    expect(error.status).toBe(400);
    expect(await error.text()).not.toContain('<script');
  });
});

describe('the login form', () => {
  it('answers a wrong password and an unknown address alike', async () => {
    const answers: { status: number; html: string }[] = [];
    for (const email of [ADMIN.email, 'nobody@example.com']) {
      const browser = new Browser(issuer);
      const { html } = await loginPage(browser);
      const response = await browser.post(formAction(html, 'login'), {
        form_token: formToken(html),
        email,
        password: 'wrong password',
      });
      const text = await response.text();
      expect(text).toContain('role="alert"');
      expect(text).not.toContain('wrong password');
      answers.push({
        status: response.status,
        html: text
          .replaceAll(email, 'ADDRESS')
          .replaceAll(/interaction\/[\w-]+/g, 'interaction/ID')
          .replaceAll(/value="[\w-]{43}"/g, ''),
      });
    }
    expect(answers[0]?.status).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
  });

  it.each([
    ['from another site', { 'Sec-Fetch-Site': 'cross-site' }, {}],
    ['from another port of this host', { 'Sec-Fetch-Site': 'same-site' }, {}],
    ['with no sign of where it comes from', { 'Sec-Fetch-Site': '', Origin: '' }, {}],
    ['without its token', {}, { form_token: '' }],
    ["with another form's token", {}, { form_token: 'A'.repeat(43) }],
  ])('sent %s logs nobody in', async (_name, headers: Record<string, string>, spoiled) => {
    const browser = new Browser(issuer);
    const { html } = await loginPage(browser);
    const form = { form_token: formToken(html), ...ADMIN };
    const response = await browser.post(formAction(html, 'login'), { ...form, ...spoiled }, headers);
    expect(response.status).toBe(403);
    const unspoiled = await browser.post(formAction(html, 'login'), form);
    expect(unspoiled.status).toBe(303);
  });

  it('from a foreign origin logs nobody in where Fetch Metadata is missing', async () => {
    const browser = new Browser(issuer);
    const { html } = await loginPage(browser);
    const response = await browser.post(
      formAction(html, 'login'),
      { form_token: formToken(html), ...ADMIN },
      { 'Sec-Fetch-Site': '', Origin: 'http://evil.example' },
    );
    expect(response.status).toBe(403);
  });

  it("of another browser's interaction asks to start again", async () => {
    const { html } = await loginPage(new Browser(issuer));
    const response = await new Browser(issuer).post(formAction(html, 'login'), {
      form_token: formToken(html),
      ...ADMIN,
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('Please start again');
  });

  it('refuses a large body', async () => {
    const browser = new Browser(issuer);
    const { html } = await loginPage(browser);
    const response = await browser.post(formAction(html, 'login'), { password: 'x'.repeat(20_000) });
    expect(response.status).toBe(413);
  });

  it('can be cancelled, which the client hears of', async () => {
    const browser = new Browser(issuer);
    const { html } = await loginPage(browser);
    const response = await browser.follow(
      await browser.post(formAction(html, 'abort'), { form_token: formToken(html) }),
    );
    expect(response.headers.get('location')).toMatch(/callback\?error=access_denied/);
  });
});

describe('framing', () => {
  const STRICT = /frame-ancestors 'none'/;

  it('is denied to pages, errors and answers that are no silent ones', async () => {
    const { response } = await loginPage(new Browser(issuer));
    const error = await new Browser(issuer).get(`${issuer}authorize`);
    const style = await fetch(`${issuer}assets/pages.css`);
    const unknown = await fetch(`${issuer}nothing-here`);
    const { browser } = await logIn(issuer, ADMIN);
    const popup = await browser.get(authorization(issuer, { response_mode: 'web_message' }).url);
    expect(await popup.text()).toContain('authorization_response');
    for (const one of [response, error, style, unknown, popup]) {
      expect(one.headers.get('x-frame-options')).toBe('DENY');
      expect(one.headers.get('content-security-policy')).toMatch(STRICT);
      expect(one.headers.get('x-content-type-options')).toBe('nosniff');
      expect(one.headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toContain(
      "form-action 'self' http://localhost:4040",
    );
  });

  it("is granted to the client's own origins for the answer of silent authentication", async () => {
    const { browser } = await logIn(issuer, ADMIN);
    const silent = { prompt: 'none', response_mode: 'web_message' };
    const response = await browser.get(authorization(issuer, silent).url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(response.headers.get('x-frame-options')).toBeNull();
    expect(policy).toContain('frame-ancestors http://localhost:4040 http://localhost:3030');
    expect(policy).not.toMatch(STRICT);
    expect(policy).toMatch(/script-src 'sha256-[^']+'(;|$)/);
    expect(await response.text()).toContain('"state":"a-state"');
  });

  it('is denied to silent answers for an address that is not registered', async () => {
    const response = await new Browser(issuer).get(
      authorization(issuer, {
        prompt: 'none',
        response_mode: 'web_message',
        redirect_uri: 'http://evil.example/',
      }).url,
    );
    expect(response.headers.get('content-security-policy')).toMatch(STRICT);
    expect(response.headers.get('x-frame-options')).toBe('DENY');
  });

  it('lets the client read that nobody is logged in', async () => {
    const silent = { prompt: 'none', response_mode: 'web_message' };
    const response = await new Browser(issuer).get(authorization(issuer, silent).url);
    expect(await response.text()).toContain('"error":"login_required"');
    expect(response.headers.get('content-security-policy')).toContain(
      'frame-ancestors http://localhost:4040',
    );
  });
});

describe('the Host header', () => {
  it('of another name is refused', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      const { port } = new URL(issuer);
      request({ host: 'localhost', port, path: '/authorize', headers: { Host: 'rebound.example' } })
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(421);
  });
});

describe('the character NUL', () => {
  it('in a parameter, a form or a body is refused, not stumbled over', async () => {
    const query = await new Browser(issuer).get(authorization(issuer, { state: 'a\0b' }).url);
    expect(query.status).toBe(400);
    const browser = new Browser(issuer);
    const { html } = await loginPage(browser);
    const form = { form_token: formToken(html), ...ADMIN, email: 'admin\0@example.com' };
    expect((await browser.post(formAction(html, 'login'), form)).status).toBe(401);
    expect((await exchange(issuer, 'code', 'verifier', { client_id: 'wab\0dashboard' })).status).toBe(401);
  });
});
