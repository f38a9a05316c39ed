import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { submit } from './support/account.ts';
import { Browser } from './support/browser.ts';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import {
  authorization,
  codeFrom,
  exchange,
  formAction,
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

const PASSWORD = 'urn:portcullis:acr:password';
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function tokensOf(response: Response, verifier: string): Promise<Tokens> {
  return (await exchange(issuer, codeFrom(response), verifier)).json();
}

/** Asks with somebody's session, and logs in when asked to. */
async function ask(browser: Browser, spoiled: Record<string, string>, user = ADMIN) {
  const { url, verifier } = authorization(issuer, spoiled);
  const asked = await browser.follow(await browser.get(url));
  const html = await asked.text();
  const action = formAction(html, 'login');
  if (!action) return { asked: html, html, response: asked, verifier };
  const { email, password } = user;
  return { asked: html, verifier, ...(await submit(browser, { html }, action, { email, password })) };
}

describe.each([
  ['max_age that the login is older than', { max_age: '0' }],
  ['prompt=login', { prompt: 'login' }],
])('a request with %s', (_case, spoiled) => {
  it('asks who is logged in for their password again, and moves auth_time', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    await pause(1100);
    const { response, verifier, asked } = await ask(browser, spoiled);
    expect(asked).toContain('Log in again');
    expect(asked).toContain('value="admin@example.com"');
    const again = await tokensOf(response, verifier);
    const [before, after] = [tokens, again].map((one) => Number(decodeJwt(one.access_token)['auth_time']));
    expect(after).toBeGreaterThan(before ?? 0);
    // The session went on: what it had is still there.
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(200);
  });

  it('is not answered by a wrong password', async () => {
    const { browser } = await logIn(issuer, ADMIN);
    await pause(1100);
    const { response } = await ask(browser, spoiled, { ...ADMIN, password: 'not the password' });
    expect(response.status).toBe(401);
  });

  it('is not answered by another user behind the back of the first: that one is logged out', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN);
    await pause(1100);
    const { response, verifier, html } = await ask(browser, spoiled, GUEST);
    // The library's own page, which ends the former session.
    expect(html).toContain('/oidc/logout/confirm');
    const ended = await sendOwnForm(browser, new Response(html, response));
    const answer = await browser.follow(ended);
    const theirs = await tokensOf(answer, verifier);
    expect(decodeJwt(theirs.access_token).sub).not.toBe(decodeJwt(tokens.access_token).sub);
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
  });

  it('cannot be answered silently', async () => {
    const { browser } = await logIn(issuer, ADMIN);
    await pause(1100);
    const silent = { ...spoiled, prompt: 'none', max_age: '0' };
    const response = await browser.get(authorization(issuer, silent).url);
    expect(response.headers.get('location')).toMatch(/error=login_required/);
  });
});

describe('a request with id_token_hint', () => {
  it('is not answered by another user', async () => {
    const { tokens } = await logIn(issuer, ADMIN);
    const browser = new Browser(issuer);
    const hint = { id_token_hint: tokens.id_token ?? '' };
    const { html, response } = await ask(browser, hint, GUEST);
    expect([response.status, html]).toEqual([401, expect.stringContaining('asked for somebody else')]);
    expect(codeFrom((await ask(browser, hint, ADMIN)).response)).not.toBe('');
  });
});

describe('a request with acr_values', () => {
  it('for a password is met by the login that there is, and says so', async () => {
    const { browser } = await logIn(issuer, ADMIN);
    const { response, verifier } = await ask(browser, { acr_values: `urn:other ${PASSWORD}` });
    const tokens = await tokensOf(response, verifier);
    expect(decodeJwt(tokens.access_token)['acr']).toBe(PASSWORD);
    expect(decodeJwt(tokens.id_token ?? '')['acr']).toBe(PASSWORD);
  });

  it('that no login here can meet is answered at once, so that no client goes round in circles', async () => {
    for (const prompt of ['', 'none']) {
      const { url } = authorization(issuer, { acr_values: 'urn:example:second-factor', prompt });
      const response = await new Browser(issuer).get(url);
      expect(response.headers.get('location')).toMatch(
        prompt
          ? /error=(login_required|unmet_authentication_requirements)/
          : /error=unmet_authentication_requirements/,
      );
    }
  });

  it('is told in the metadata which can be met', async () => {
    const response = await fetch(`${issuer}.well-known/openid-configuration`);
    expect(await response.json()).toMatchObject({ acr_values_supported: [PASSWORD] });
  });
});
