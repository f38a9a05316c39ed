import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from './support/browser.ts';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import { authorization, codeFrom, exchange, formAction, formToken, logIn } from './support/login.ts';
import { openPage, submit } from './support/account.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
});
afterAll(() => identity.stop());

const SUPPER_CLUB = {
  client_id: 'supper-club',
  redirect_uri: 'http://localhost:5050/callback',
  scope: 'openid profile create:items',
};
const ALIAS = { audience: '', resource: 'http://localhost:7000' };
const COMMAND_LINE = { client_id: 'wab-cli', redirect_uri: 'http://127.0.0.1:53117/callback' };

/** What a browser that nobody is logged in with shows after the login. */
async function afterLogin(spoiled: Record<string, string>, user = ADMIN, browser = new Browser(issuer)) {
  const { url, verifier } = authorization(issuer, spoiled);
  const { response, html } = await openPage(browser, url, user);
  return { response, html, verifier, browser };
}

describe('consent to a third-party client', () => {
  beforeAll(async () => {
    await logIn(issuer, ADMIN, SUPPER_CLUB);
  });

  it('is remembered beyond the login: another browser is not asked, for the same or for less', async () => {
    for (const scope of [SUPPER_CLUB.scope, 'openid create:items', 'openid']) {
      const { response, verifier } = await afterLogin({ ...SUPPER_CLUB, scope });
      const { client_id, redirect_uri } = SUPPER_CLUB;
      const answer = await exchange(issuer, codeFrom(response), verifier, { client_id, redirect_uri });
      expect(answer.status).toBe(200);
      const { access_token }: { access_token: string } = await answer.json();
      expect(decodeJwt(access_token)['permissions']).toEqual(scope.includes('items') ? ['create:items'] : []);
    }
  });

  it('counts for the API, by whichever of its names it is asked for', async () => {
    const { response } = await afterLogin({ ...SUPPER_CLUB, ...ALIAS });
    expect(codeFrom(response)).not.toBe('');
  });

  it('is not remembered for somebody else', async () => {
    const { html } = await afterLogin(SUPPER_CLUB, GUEST);
    expect(html).toContain('Allow Supper Club?');
  });

  it('is asked for anew when more is wanted: what is new, apart from what was allowed before', async () => {
    const { html } = await afterLogin({ ...SUPPER_CLUB, scope: 'openid create:items read:items' });
    const [fresh = '', before = ''] = html.split('You allowed this before:');
    expect(fresh).toContain('asks for more access');
    expect(fresh).toContain('Read dishes that are not public');
    expect(fresh).not.toContain('Add dishes to the menu');
    expect(before).toContain('Add dishes to the menu');
  });

  it('is asked for anew when the client says so', async () => {
    const { html } = await afterLogin({ ...SUPPER_CLUB, prompt: 'consent' });
    expect(html).toContain('Allow Supper Club?');
    expect(html).toContain('Add dishes to the menu');
  });

  it('that named no API does not let the client use one, not even without a permission', async () => {
    const bare = { ...SUPPER_CLUB, scope: 'openid' };
    await logIn(issuer, GUEST, { ...bare, audience: '' });
    const { html } = await afterLogin(bare, GUEST);
    expect(html).toContain('Use the API in your name');
  });

  it('that was denied is not remembered', async () => {
    const wider = { ...SUPPER_CLUB, scope: 'openid create:items read:items' };
    const { html, browser } = await afterLogin(wider);
    const denied = await submit(browser, { html }, formAction(html, 'abort'));
    expect(denied.response.headers.get('location')).toMatch(/error=access_denied/);
    const again = await browser.follow(await browser.get(authorization(issuer, wider).url));
    expect(await again.text()).toContain('asks for more access');
  });

  it('ends when it is taken back, in every browser', async () => {
    const { browser: other } = await logIn(issuer, ADMIN, SUPPER_CLUB);
    const browser = new Browser(issuer);
    const page = await openPage(browser, '/account/applications', ADMIN);
    await submit(browser, page, '/account/applications/revoke', { client: 'supper-club' });
    const silent = await other.get(authorization(issuer, { ...SUPPER_CLUB, prompt: 'none' }).url);
    expect(silent.headers.get('location')).toMatch(/error=consent_required/);
    expect((await afterLogin(SUPPER_CLUB)).html).toContain('Allow Supper Club?');
  });
});

describe('consent to a native client', () => {
  it('is never remembered: any program can pass for it (RFC 8252, 8.6)', async () => {
    await logIn(issuer, ADMIN, COMMAND_LINE);
    expect((await afterLogin(COMMAND_LINE)).html).toContain('Allow WAB Command Line?');
  });
});

describe('a consent form', () => {
  it('counts once, and in the browser that was asked alone', async () => {
    const { html, browser } = await afterLogin(SUPPER_CLUB, GUEST);
    const [action, form] = [formAction(html, 'consent'), { form_token: formToken(html) }];
    expect((await new Browser(issuer).post(action, form)).status).toBe(400);
    expect((await browser.post(action, { form_token: 'forged' })).status).toBe(403);
    const allowed = await browser.follow(await browser.post(action, form));
    expect(codeFrom(allowed)).not.toBe('');
    expect((await browser.post(action, form)).status).toBe(400);
  });
});
