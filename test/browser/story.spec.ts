import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startSystem,
  systemEnvironment,
  type RunningSystem,
  type SystemEnvironment,
} from '../system/running-system.ts';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery admin' };
const GUEST = { email: 'guest@example.com', password: 'correct horse battery guest' };

const folder = mkdtempSync(join(tmpdir(), 'portcullis-story-'));
let environment: SystemEnvironment;
let system: RunningSystem;
let browser: Browser;
let admin: Page;
let guest: Page;

beforeAll(async () => {
  environment = {
    ...(await systemEnvironment(folder)),
    SEED_ADMIN_PASSWORD: ADMIN.password,
    SEED_GUEST_PASSWORD: GUEST.password,
  };
  system = startSystem(environment);
  await system.up;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  admin = await (await newVisitor()).newPage();
  guest = await (await newVisitor()).newPage();
}, 120_000);
afterAll(async () => {
  await browser.close();
  await system.stop();
  rmSync(folder, { recursive: true });
});

/** A browser of its own, which reaches loopback and nothing else. */
async function newVisitor(): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(15_000);
  await context.route(
    (url) => url.hostname !== 'localhost',
    (route) => route.abort(),
  );
  return context;
}

const dashboard = (path: string): string => `http://localhost:${environment.DASHBOARD_PORT}${path}`;

async function logIn(page: Page, { email, password }: typeof ADMIN): Promise<void> {
  await page.goto(dashboard('/home'));
  await page
    .getByRole('button', { name: 'Log In' })
    .or(page.getByRole('link', { name: 'Log In' }))
    .first()
    .click();
  await page.waitForURL((url) => url.port === environment.IDENTITY_PORT);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.locator('button[type=submit]').first().click();
  await page.waitForURL((url) => url.port === environment.DASHBOARD_PORT);
  await page.getByText('Log Out').first().waitFor();
}

async function findings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** A name that no seed has, so that seeing it means it was stored. */
const DISH = `Thunder Soup ${Date.now()}`;

describe('the dashboard in a browser', () => {
  it('shows the menu to somebody without an account, on a phone too', async () => {
    const context = await newVisitor();
    const page = await context.newPage();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(dashboard('/menu'));
    await page.getByText('Burger').first().waitFor();
    expect(await page.getByText('Add Item').count()).toBe(0);
    expect(await findings(page)).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(390);
    await context.close();
  });

  it('logs the admin in, and keeps them in over a reload with no token in storage', async () => {
    await logIn(admin, ADMIN);
    await admin.reload();
    await admin.getByText('Log Out').first().waitFor();
    const stored = await admin.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    );
    expect(stored).not.toContain('eyJ');
  });

  it('lets the admin add a dish, which outlives the processes', async () => {
    await admin.goto(dashboard('/menu'));
    await admin.getByText('Add Item').first().click();
    await admin.getByLabel('Name').fill(DISH);
    await admin.getByLabel('Price').fill('12.34');
    const [response] = await Promise.all([
      admin.waitForResponse(
        (answer) => answer.request().method() === 'POST' && answer.url().endsWith('/api/menu/items'),
      ),
      admin.getByRole('button', { name: 'Save' }).click(),
    ]);
    expect(response.status()).toBe(201);
    expect(await response.json()).toMatchObject({ name: DISH, price: 1234 });
    expect(await system.stop()).toBe(0);
    system = startSystem(environment);
    await system.up;
    await admin.goto(dashboard('/menu'));
    await admin.getByText(DISH).first().waitFor();
    await admin.getByText('Log Out').first().waitFor();
  }, 90_000);

  it('lets the admin change it and see the new price', async () => {
    await admin.getByText(DISH).first().click();
    await admin.getByText('Edit').first().click();
    await admin.getByLabel('Price').fill('0.07');
    await admin.getByRole('button', { name: 'Save' }).click();
    await admin.getByText('$0.07').first().waitFor();
    expect(await findings(admin)).toEqual([]);
  });

  it('shows the guest why not, and the API refuses when the button is forced', async () => {
    await logIn(guest, GUEST);
    await guest.goto(dashboard('/menu'));
    await guest.getByText('create:items').first().waitFor();
    await guest.goto(dashboard('/menu/add'));
    await guest.getByRole('button', { name: /^Try anyway/ }).click();
    const [response] = await Promise.all([
      guest.waitForResponse(
        (answer) => answer.request().method() === 'POST' && answer.url().endsWith('/api/menu/items'),
      ),
      guest.getByRole('button', { name: 'Save' }).click(),
    ]);
    expect(response.status()).toBe(403);
    expect(await response.json()).toMatchObject({ missingPermissions: ['create:items'] });
    expect(await guest.getByRole('alert').first().innerText()).toContain('create:items');
  });

  it('lets the admin delete the dish', async () => {
    await admin.goto(dashboard('/menu'));
    await admin.getByText(DISH).first().click();
    await admin.getByText('Delete').first().click();
    await admin.waitForURL(/\/delete/);
    const [response] = await Promise.all([
      admin.waitForResponse((answer) => answer.request().method() === 'DELETE'),
      admin.getByRole('button', { name: 'Delete' }).click(),
    ]);
    expect(response.status()).toBe(204);
    await admin.waitForURL(/\/menu$/);
    await admin.getByText('Burger').first().waitFor();
    expect(await admin.getByRole('link', { name: DISH }).count()).toBe(0);
  });

  it.each(['/home', '/menu', '/profile', '/how', '/nowhere'])(
    'has no accessibility finding on %s',
    async (path) => {
      await admin.goto(dashboard(path));
      await admin.getByText('Log Out').first().waitFor();
      await admin.getByRole('heading', { level: 1 }).waitFor();
      expect(await findings(admin)).toEqual([]);
    },
  );

  it('signs out for good: a reload does not sign in again', async () => {
    await admin.goto(dashboard('/home'));
    await admin.getByText('Log Out').first().click();
    await admin.getByText('Log In').first().waitFor();
    await admin.reload();
    await admin.getByText('Log In').first().waitFor();
    expect(await admin.getByText('Log Out').count()).toBe(0);
  });

  it('left no token, code or password in any log', () => {
    for (const name of ['identity', 'menu-api', 'dashboard']) {
      const log = readFileSync(join(folder, 'logs', `${name}.log`), 'utf8');
      expect(log.length).toBeGreaterThan(0);
      for (const secret of ['eyJ', 'code=', 'code_verifier', 'Bearer ', ADMIN.password, GUEST.password]) {
        expect(log, `${name} holds ${secret}`).not.toContain(secret);
      }
    }
  });
});
