import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSystem, systemEnvironment, type RunningSystem } from '../system/running-system.ts';

// Each page is looked at twice, in a browser that shares the machine with what it looks at.
vi.setConfig({ testTimeout: 60_000 });

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery admin' };
const GUEST = { email: 'guest@example.com', password: 'correct horse battery guest' };

const folder = mkdtempSync(join(tmpdir(), 'portcullis-accounts-'));
/** Where the pages are to be looked at, when somebody wants to. */
const screenshots = process.env['SCREENSHOTS'];
let system: RunningSystem;
let browser: Browser;
let issuer: string;

beforeAll(async () => {
  const environment = {
    ...(await systemEnvironment(folder)),
    SEED_ADMIN_PASSWORD: ADMIN.password,
    SEED_GUEST_PASSWORD: GUEST.password,
  };
  issuer = `http://localhost:${environment.IDENTITY_PORT}`;
  system = startSystem(environment, ['identity']);
  await system.up;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await system.stop();
  rmSync(folder, { recursive: true });
});

/** A page of a browser of its own: without script, as the pages promise to work, or in the dark. */
async function visit(options: { readonly dark?: boolean; readonly width?: number } = {}): Promise<Page> {
  const context = await browser.newContext({
    javaScriptEnabled: false,
    colorScheme: options.dark ? 'dark' : 'light',
    viewport: { width: options.width ?? 1000, height: 900 },
  });
  context.setDefaultTimeout(15_000);
  return context.newPage();
}

async function logIn(page: Page, { email, password }: typeof ADMIN): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Looks at what the page shows with script on, in a context of its own: axe is script. */
async function findings(page: Page, name: string, dark = false): Promise<readonly string[]> {
  if (screenshots) await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  const context = await browser.newContext({
    bypassCSP: true,
    colorScheme: dark ? 'dark' : 'light',
    viewport: page.viewportSize(),
  });
  const copy = await context.newPage();
  const [html, url] = [await page.content(), page.url()];
  await copy.route(
    (address) => address.href === url,
    (route) => route.fulfill({ body: html, contentType: 'text/html; charset=utf-8' }),
  );
  await copy.goto(url);
  const { violations } = await new AxeBuilder({ page: copy }).analyze();
  const width = await copy.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  await context.close();
  return [
    ...violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html: node }) => node).join(' ')}`),
    ...(width > 0 ? [`is ${width} pixels too wide`] : []),
  ];
}

function authorize(client: string, redirect: string, scope: string): string {
  const query = new URLSearchParams({
    client_id: client,
    redirect_uri: redirect,
    response_type: 'code',
    scope,
    audience: 'https://menu-api.example.com',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  });
  return `${issuer}/authorize?${query}`;
}

const supperClub = () =>
  authorize('supper-club', 'http://localhost:5050/callback', 'openid profile create:items');

describe.each([
  { look: 'light, wide', dark: false, width: 1000 },
  { look: 'dark, on a phone', dark: true, width: 390 },
])('the account pages ($look), without script', ({ dark, width }) => {
  const shot = (name: string) => `${name}-${dark ? 'dark' : 'light'}`;
  let page: Page;
  beforeAll(async () => {
    page = await visit({ dark, width });
  });

  it('ask for a login, and say what was wrong with one', async () => {
    await page.goto(`${issuer}/account`);
    expect(await findings(page, shot('login'), dark)).toEqual([]);
    await logIn(page, { ...GUEST, password: 'not the password' });
    await page.getByRole('alert').waitFor();
    expect(await findings(page, shot('login-failed'), dark)).toEqual([]);
    await logIn(page, GUEST);
    await page.getByRole('heading', { name: 'Profile' }).waitFor();
  });

  it('show and save the profile', async () => {
    expect(await findings(page, shot('profile'), dark)).toEqual([]);
    await page.getByLabel('Nickname').fill('gus');
    await page.getByRole('button', { name: 'Save' }).click();
    expect(await page.getByRole('status').innerText()).toContain('saved');
    expect(await findings(page, shot('profile-saved'), dark)).toEqual([]);
  });

  it('refuse a password, and say why', async () => {
    await page.getByRole('link', { name: 'Password' }).click();
    expect(await findings(page, shot('password'), dark)).toEqual([]);
    await page.getByLabel('Current password').fill(GUEST.password);
    await page.getByLabel('New password', { exact: true }).fill('password123');
    await page.getByLabel('New password again').fill('password123');
    await page.getByRole('button', { name: 'Change the password' }).click();
    expect(await page.getByRole('alert').innerText()).toContain('too many people');
    expect(await findings(page, shot('password-refused'), dark)).toEqual([]);
  });

  it('show the devices, and log one out', async () => {
    const other = await visit();
    await other.goto(`${issuer}/account`);
    await logIn(other, GUEST);
    await page.getByRole('link', { name: 'Devices' }).click();
    expect(await page.getByText(/^Chrome on/).count()).toBeGreaterThan(1);
    expect(await findings(page, shot('devices'), dark)).toEqual([]);
    await page.getByRole('button', { name: 'Log out everywhere else' }).click();
    expect(await page.getByText(/^Chrome on/).count()).toBe(1);
    await other.reload();
    expect(await other.getByLabel('Password').count()).toBe(1);
    await other.context().close();
  });

  it('ask before an application may act, show those that do, and take it back', async () => {
    await page.goto(supperClub());
    await page.getByRole('heading', { name: 'Allow Supper Club?' }).waitFor();
    expect(await findings(page, shot('consent'), dark)).toEqual([]);
    // Nobody listens there: what counts is that the browser was sent.
    await page.route('http://localhost:5050/**', (route) => route.fulfill({ body: 'Welcome' }));
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('Welcome').waitFor();
    await page.goto(`${issuer}/account/applications`);
    await page.getByRole('heading', { name: 'Supper Club' }).waitFor();
    expect(await findings(page, shot('applications'), dark)).toEqual([]);
    await page.getByRole('button', { name: 'Take access away: Supper Club' }).click();
    expect(await page.getByRole('heading', { name: 'Supper Club' }).count()).toBe(0);
    expect(await findings(page, shot('applications-none'), dark)).toEqual([]);
  });

  it('log out', async () => {
    await page.goto(`${issuer}/account`);
    await page.getByRole('link', { name: 'Log out' }).click();
    expect(await findings(page, shot('logout'), dark)).toEqual([]);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Logged out' }).waitFor();
    expect(await findings(page, shot('logged-out'), dark)).toEqual([]);
    await page.goto(`${issuer}/account`);
    expect(await page.getByLabel('Password').count()).toBe(1);
  });

  it('tell whoever cancels, or comes with a broken link', async () => {
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'Not logged in' }).waitFor();
    expect(await findings(page, shot('not-logged-in'), dark)).toEqual([]);
    await page.goto(`${issuer}/authorize?client_id=nobody`);
    expect(await findings(page, shot('error'), dark)).toEqual([]);
    await page.goto(`${issuer}/interaction/unknown`);
    expect(await findings(page, shot('start-again'), dark)).toEqual([]);
  });
});

it('somebody who was guessed at too often is told to wait', async () => {
  const page = await visit();
  await page.goto(`${issuer}/account`);
  for (let tries = 0; tries < 11; tries++) await logIn(page, { ...ADMIN, password: `guess ${tries}` });
  expect(await page.getByRole('alert').innerText()).toContain('too many attempts');
  expect(await findings(page, 'locked')).toEqual([]);
});
