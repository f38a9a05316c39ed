import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, systemEnvironment, type RunningSystem } from '../system/running-system.ts';

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery admin' };

const folder = mkdtempSync(join(tmpdir(), 'portcullis-device-'));
let system: RunningSystem;
let issuer: string;
let browser: Browser;

beforeAll(async () => {
  const environment = await systemEnvironment(folder);
  issuer = `http://localhost:${environment.IDENTITY_PORT}`;
  system = startSystem({ ...environment, SEED_ADMIN_PASSWORD: ADMIN.password }, ['identity']);
  await system.up;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-sync',
    ],
  });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await system.stop();
  rmSync(folder, { recursive: true });
});

async function newDevice() {
  const response = await fetch(`${issuer}/oauth/device/code`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: 'wab-cli',
      scope: 'openid',
      audience: 'https://menu-api.example.com',
    }),
  });
  return (await response.json()) as { readonly user_code: string; readonly verification_uri: string };
}

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail address').fill(ADMIN.email);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

async function findings(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();

describe('the pages for a device', () => {
  it('work where script is off', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const { user_code, verification_uri } = await newDevice();
    await page.goto(verification_uri);
    await page.getByLabel('Code that your device shows').fill(user_code.toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();
    expect(await heading(page)).toBe('Is this your device?');
    expect(await page.getByText(user_code).count()).toBe(1);
    await page.getByRole('button', { name: 'Yes, continue' }).click();
    await logIn(page);
    expect(await heading(page)).toBe('Allow WAB Command Line?');
    await page.getByRole('button', { name: 'Allow' }).click();
    expect(await heading(page)).toBe('Device connected');
    await context.close();
  });

  it('have no accessibility finding, on a phone too', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
    const page = await context.newPage();
    const { user_code, verification_uri } = await newDevice();
    const seen: Record<string, readonly string[]> = {};
    const look = async () => {
      seen[await heading(page)] = await findings(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    };
    await page.goto(verification_uri);
    await page.getByLabel('Code that your device shows').fill('BBBB-BBBB');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').waitFor();
    await look();
    await page.getByLabel('Code that your device shows').fill(user_code);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(user_code).waitFor();
    await look();
    await page.getByRole('button', { name: 'Yes, continue' }).click();
    await logIn(page);
    await page.getByRole('button', { name: 'Allow' }).waitFor();
    await look();
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('is connected').waitFor();
    await look();
    expect(seen).toEqual({
      'Connect a device': [],
      'Is this your device?': [],
      'Allow WAB Command Line?': [],
      'Device connected': [],
    });
    await context.close();
  });
});
