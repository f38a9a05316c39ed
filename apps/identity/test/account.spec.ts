import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { auditEntry, denial, user } from '../src/database/schema.ts';
import { hiddenField, openPage, submit } from './support/account.ts';
import { Browser } from './support/browser.ts';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import { authorization, formToken, logIn, refresh } from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
});
afterAll(async () => {
  await identity.stop();
});

const SUPPER_CLUB = {
  client_id: 'supper-club',
  redirect_uri: 'http://localhost:5050/callback',
  scope: 'openid profile create:items',
};
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const PAGES = ['/account', '/account/password', '/account/sessions', '/account/applications'];
const FORMS = [
  '/account/profile',
  '/account/password',
  '/account/sessions/end',
  '/account/sessions/end-others',
  '/account/applications/revoke',
];

const guest = async (): Promise<Browser> => {
  const browser = new Browser(issuer);
  await openPage(browser, '/account', GUEST);
  return browser;
};

describe('an account page', () => {
  it.each(PAGES)('%s sends a stranger to log in, and back without the code in the address', async (path) => {
    const browser = new Browser(issuer);
    const first = await browser.get(path);
    expect(first.status).toBe(303);
    expect(first.headers.get('location')).toMatch(/^\/authorize\?client_id=portcullis-account&/);
    const { response } = await openPage(browser, path, GUEST);
    expect([response.status, new URL(response.url).pathname, new URL(response.url).search]).toEqual([
      200,
      path,
      '',
    ]);
  });

  it('is for nobody’s cache, frame or script', async () => {
    const { response, html } = await openPage(await guest(), '/account');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const policy = response.headers.get('content-security-policy');
    for (const rule of [
      "default-src 'none'",
      "script-src 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ])
      expect(policy).toContain(rule);
    expect(html).not.toContain('<script');
  });

  it('tells whoever cancels the login that it needs one, and does not ask again by itself', async () => {
    const browser = new Browser(issuer);
    const login = await openPage(browser, '/account');
    const action = /action="([^"]+\/abort)"/.exec(login.html)?.[1] ?? '';
    const { response, html } = await submit(browser, login, action);
    expect(response.status).toBe(401);
    expect(html).toContain('Not logged in');
  });

  it('gives out a code that nobody can redeem', async () => {
    const { url } = authorization(issuer, {
      client_id: 'portcullis-account',
      redirect_uri: `${issuer}account`,
    });
    const response = await (await guest()).get(url);
    // An API is nothing that this client was granted.
    expect(response.headers.get('location')).toMatch(/error=invalid_target/);
  });
});

describe('a form of the account pages', () => {
  let mine: Browser;
  let own: string;
  let foreign: string;
  beforeAll(async () => {
    mine = await guest();
    own = formToken((await openPage(mine, '/account')).html);
    foreign = formToken((await openPage(await guest(), '/account')).html);
  });

  it.each(FORMS)('%s is refused with the token of another session, or none', async (action) => {
    for (const form of [{ form_token: foreign }, { form_token: `${own}x` }, {}]) {
      expect((await mine.post(action, form)).status).toBe(403);
    }
  });

  it.each(FORMS)('%s is refused when another site sends it', async (action) => {
    for (const headers of [
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
      { 'Sec-Fetch-Site': '', Origin: 'https://evil.example' },
      { 'Sec-Fetch-Site': '', Origin: '' },
    ]) {
      expect((await mine.post(action, { form_token: own }, headers)).status).toBe(403);
    }
  });

  it.each(FORMS)('%s sends whoever is not logged in to the login', async (action) => {
    const response = await new Browser(issuer).post(action, { form_token: 'x' });
    expect([response.status, response.headers.get('location')]).toEqual([
      303,
      expect.stringMatching(/^\/authorize\?/),
    ]);
  });
});

describe('the profile', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await guest();
  });

  it('is changed, and comes with the next ID token', async () => {
    const page = await openPage(browser, '/account');
    expect(page.html).toContain('value="Gus Guest"');
    const saved = await submit(browser, page, '/account/profile', {
      name: 'Gustav <b>Guest</b>',
      nickname: 'gus',
      picture: 'https://pictures.example/gus.png',
    });
    expect(saved.html).toContain('The profile was saved.');
    expect(saved.html).toContain('value="Gustav &lt;b&gt;Guest&lt;/b&gt;"');
    const { tokens } = await logIn(issuer, GUEST);
    const claims = JSON.parse(Buffer.from(tokens.id_token?.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({
      name: 'Gustav <b>Guest</b>',
      picture: 'https://pictures.example/gus.png',
    });
  });

  it.each([
    ['an empty name', { name: '   ' }, 'must not be empty'],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, 'at most 100 characters'],
    ['a name on two lines', { name: 'Gus\nGuest' }, 'plain text'],
    ['NUL in a nickname', { nickname: 'a\0b' }, 'plain text'],
    ['a picture that is a script', { picture: 'javascript:alert(1)' }, 'https address'],
    ['a picture without TLS', { picture: 'http://pictures.example/a.png' }, 'https address'],
  ])('with %s is not saved, and what was typed is shown again', async (_case, spoiled, message) => {
    const page = await openPage(browser, '/account');
    const good = { name: 'Typed Name', nickname: 'typed', picture: '' };
    const { response, html } = await submit(browser, page, '/account/profile', { ...good, ...spoiled });
    expect(response.status).toBe(422);
    expect(html).toContain(message);
    expect((await openPage(browser, '/account')).html).not.toContain('typed');
  });
});

describe('the devices', () => {
  it('are shown with browser, system and address; one is logged out by itself', async () => {
    const here = await guest();
    const there = new Browser(issuer, { 'User-Agent': FIREFOX });
    const { tokens } = await logIn(issuer, GUEST, {}, there);
    const page = await openPage(here, '/account/sessions');
    expect(page.html).toContain('Firefox on Linux');
    expect(page.html).toMatch(/from (127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)/);
    expect(page.html.match(/\(this one\)/g)).toHaveLength(1);

    const session = hiddenField(page.html, 'session', 'Firefox on Linux');
    const ended = await submit(here, page, '/account/sessions/end', { session });
    expect(ended.html).not.toContain('Firefox on Linux');
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
    const silent = await there.get(authorization(issuer, { prompt: 'none' }).url);
    expect(silent.headers.get('location')).toMatch(/error=login_required/);
    expect((await openPage(here, '/account')).response.url).toBe(`${issuer}account`);
  });

  it('of somebody else cannot be logged out', async () => {
    const admin = new Browser(issuer);
    const mine = await openPage(admin, '/account/sessions', ADMIN);
    await openPage(new Browser(issuer), '/account', ADMIN);
    const others = await openPage(admin, '/account/sessions');
    const session = hiddenField(others.html, 'session', 'Log out there');
    expect(session).not.toBe('');
    const browser = await guest();
    await submit(browser, await openPage(browser, '/account/sessions'), '/account/sessions/end', { session });
    expect((await openPage(admin, '/account/sessions')).html).toContain(session);
    expect(mine.html).toContain('(this one)');
  });

  it('are all logged out but this one', async () => {
    const here = await guest();
    const { tokens } = await logIn(issuer, GUEST);
    const page = await openPage(here, '/account/sessions');
    const ended = await submit(here, page, '/account/sessions/end-others');
    expect(ended.html.match(/<h2>/g)).toHaveLength(1);
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
  });
});

describe('the applications', () => {
  it('are shown in words, and one that loses access has its tokens ended and must ask anew', async () => {
    const { browser } = await logIn(issuer, ADMIN, SUPPER_CLUB);
    const { tokens } = await logIn(issuer, ADMIN);
    const page = await openPage(browser, '/account/applications');
    for (const text of [
      'Supper Club',
      'Allowed by you',
      'Add dishes to the menu',
      'WAB Dashboard',
      'One of ours',
    ])
      expect(page.html).toContain(text);
    expect(page.html).not.toContain('portcullis-account');

    const dashboard = await submit(browser, page, '/account/applications/revoke', {
      client: 'wab-dashboard',
    });
    expect(dashboard.html).not.toContain('WAB Dashboard');
    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);

    const none = await submit(browser, dashboard, '/account/applications/revoke', { client: 'supper-club' });
    expect(none.html).toContain('No application acts for you.');
    const again = await browser.follow(await browser.get(authorization(issuer, SUPPER_CLUB).url));
    expect(await again.text()).toContain('Allow Supper Club?');
  });
});

describe('the password', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await guest();
  });

  const NEW = 'four tables by the window';
  const form = (spoiled: Record<string, string> = {}) => ({
    current: GUEST.password,
    new: NEW,
    repeated: spoiled['new'] ?? NEW,
    ...spoiled,
  });

  it.each([
    ['a wrong current one', { current: 'not the password' }, 'The current password is wrong.'],
    ['two different new ones', { repeated: 'something else' }, 'not typed the same twice'],
    ['a short one', { new: 'short' }, 'at least 8 characters'],
    ['a common one', { new: 'password123' }, 'too many people'],
    ['their own address', { new: 'guest@example.com' }, 'too close to the name'],
    ['nothing', { new: '' }, 'must be filled in'],
  ])('is not changed with %s', async (_case, spoiled, message) => {
    const page = await openPage(browser, '/account/password');
    const { response, html } = await submit(browser, page, '/account/password', form(spoiled));
    expect([response.status, html]).toEqual([422, expect.stringContaining(message)]);
  });

  it('is changed by whoever knows the current one, and ends all that was started elsewhere', async () => {
    const here = new Browser(issuer);
    const own = await logIn(issuer, GUEST, {}, here);
    const { tokens, browser: there } = await logIn(issuer, GUEST);
    const page = await openPage(here, '/account/password');
    const changed = await submit(here, page, '/account/password', form());
    expect(changed.html).toContain('The password was changed.');

    expect((await refresh(issuer, tokens.refresh_token ?? '')).status).toBe(403);
    const silent = await there.get(authorization(issuer, { prompt: 'none' }).url);
    expect(silent.headers.get('location')).toMatch(/error=login_required/);
    // This browser goes on, with what it had.
    expect((await refresh(issuer, own.tokens.refresh_token ?? '')).status).toBe(200);
    expect((await openPage(here, '/account')).response.url).toBe(`${issuer}account`);

    const former = await openPage(new Browser(issuer), '/account', GUEST);
    expect(former.response.status).toBe(401);
    const login = await openPage(new Browser(issuer), '/account', { email: GUEST.email, password: NEW });
    expect(login.response.status).toBe(200);
  });

  it('is not guessed by somebody who found the browser open: after ten it is not looked at', async () => {
    const open = new Browser(issuer);
    await openPage(open, '/account', ADMIN);
    const page = await openPage(open, '/account/password');
    for (let tries = 0; tries < 10; tries++) {
      await submit(open, page, '/account/password', form({ current: `guess ${tries}` }));
    }
    const { html } = await submit(open, page, '/account/password', form({ current: ADMIN.password }));
    expect(html).toContain('too many attempts');
  });
});

describe('what was done', () => {
  it('stands in the audit log and in the denials, and the user’s logins are counted', async () => {
    await identity.stop();
    const database = await openDatabase(identity.settings.directory);
    const entries = await database.db.select().from(auditEntry).orderBy(auditEntry.number);
    const denials = await database.db.select().from(denial);
    const users = await database.db.select().from(user);
    await database.close();
    const actions = new Set(entries.map(({ action }) => action));
    for (const action of [
      'user.update',
      'session.end',
      'user.sessions.end',
      'user.password.change',
      'consent.give',
      'consent.withdraw',
      'grant.end',
    ])
      expect(actions).toContain(action);
    expect(denials.some(({ by }) => by === 'grant')).toBe(true);
    for (const { loginsCount, lastLoginAt } of users) {
      expect(loginsCount).toBeGreaterThan(0);
      expect(Date.now() - Number(lastLoginAt)).toBeLessThan(10 * 60_000);
    }
    const written = JSON.stringify(entries);
    for (const secret of [GUEST.password, ADMIN.password, '$argon2']) expect(written).not.toContain(secret);
  });
});
