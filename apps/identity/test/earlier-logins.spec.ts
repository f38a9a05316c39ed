import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { artifact, permission, user, userPermission } from '../src/database/schema.ts';
import { startIdentity } from '../src/start-identity.ts';
import { openPage, submit } from './support/account.ts';
import { Browser } from './support/browser.ts';
import { ADMIN, GUEST, startForTest } from './support/identity.ts';
import {
  authorization,
  codeFrom,
  formAction,
  formToken,
  logIn,
  refresh,
  type Tokens,
} from './support/login.ts';

// Each start of the app opens a database; two in one test add up on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const SHORT = { email: GUEST.email, password: 'two soups' };
const LONG = { email: GUEST.email, password: 'two soups and a spoon' };

let identity: Awaited<ReturnType<typeof startIdentity>>;
let elsewhere: Tokens;
let browser: Browser;
let admin: Browser;

/**
 * A guest who chose a short password, and was given a permission of the provider's own API afterwards; an
 * administrator who logged in an hour ago.
 */
beforeAll(async () => {
  const first = await startForTest({ SEED_GUEST_PASSWORD: SHORT.password });
  elsewhere = (await logIn(first.url, SHORT)).tokens;
  browser = (await logIn(first.url, SHORT)).browser;
  admin = (await logIn(first.url, ADMIN)).browser;
  await first.stop();
  const { db, close } = await openDatabase(first.settings.directory);
  const [guest] = await db.select().from(user).where(eq(user.email, GUEST.email));
  const [held] = await db.select().from(permission).where(eq(permission.name, 'update:users'));
  await db
    .insert(userPermission)
    .values({ userId: guest?.id ?? '', permissionId: held?.id ?? '', grantedBy: 'test' });
  const anHourAgo = Math.floor(Date.now() / 1000) - 3600;
  await db
    .update(artifact)
    .set({ payload: sql`jsonb_set(${artifact.payload}, '{loginTs}', to_jsonb(${anHourAgo}::int))` })
    .where(eq(artifact.model, 'Session'));
  await close();
  identity = await startIdentity(first.settings);
});
afterAll(() => identity.stop());

describe('somebody who may now change what others are allowed to do', () => {
  it('has to choose a longer password before the login goes on', async () => {
    const { url } = authorization(identity.url, { prompt: 'login' });
    const page = await openPage(browser, url, SHORT);
    expect(page.html).toContain('at least 15 characters');
    const action = formAction(page.html, 'password');
    const form = { email: SHORT.email, current: SHORT.password, new: LONG.password, repeated: LONG.password };

    const wrong = await submit(browser, page, action, { ...form, current: 'not it' });
    expect(wrong.response.status).toBe(401);
    const short = await submit(browser, page, action, { ...form, new: 'two bowls', repeated: 'two bowls' });
    expect([short.response.status, short.html]).toEqual([422, expect.stringContaining('at least 15')]);
    const once = await submit(browser, page, action, { ...form, repeated: 'something else' });
    expect(once.html).toContain('not typed the same twice');

    const done = await submit(browser, page, action, form);
    expect(codeFrom(done.response)).not.toBe('');
    // What was started with the former password is over.
    expect((await refresh(identity.url, elsewhere.refresh_token ?? '')).status).toBe(403);
    await logIn(identity.url, LONG);
  });

  it('cannot use that page as a second way to change a password', async () => {
    const stranger = new Browser(identity.url);
    const page = await openPage(stranger, authorization(identity.url).url);
    const action = formAction(page.html, 'login').replace(/login$/, 'password');
    const other = 'four tables by the window';
    const form = { email: LONG.email, current: LONG.password, new: other, repeated: other };
    expect((await submit(stranger, page, action, form)).response.status).toBe(403);
  });
});

describe('somebody who logged in an hour ago', () => {
  it('sees the account, but logs in again before the password can be changed', async () => {
    const account = await openPage(admin, '/account');
    expect(account.html).toContain('Ada Admin');
    const asked = await openPage(admin, '/account/password');
    expect(asked.html).toContain('Log in again');
    const form = {
      current: ADMIN.password,
      new: 'another one for the kitchen',
      repeated: 'another one for the kitchen',
    };
    const sent = await admin.post('/account/password', { form_token: formToken(account.html), ...form });
    expect(sent.headers.get('location')).toMatch(/^\/authorize\?.*max_age=900/);

    const { response, html } = await openPage(admin, '/account/password', ADMIN);
    expect([response.status, html]).toEqual([200, expect.stringContaining('Current password')]);
  });

  it('is told so when the login is cancelled, and not asked in circles', async () => {
    const stranger = new Browser(identity.url);
    const page = await openPage(stranger, '/account/password');
    const { response, html } = await submit(stranger, page, formAction(page.html, 'abort'));
    expect([response.status, html]).toEqual([401, expect.stringContaining('Not logged in')]);
  });
});
