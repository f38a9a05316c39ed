import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSystem, systemEnvironment, type RunningSystem } from '../system/running-system.ts';

// Auth0's SDK as it is published, in a page that has nothing else, against our provider alone.

const ADMIN = { email: 'admin@example.com', password: 'correct horse battery admin' };
const SDK = readFileSync(
  fileURLToPath(import.meta.resolve('@auth0/auth0-spa-js/dist/auth0-spa-js.production.js')),
);

const folder = mkdtempSync(join(tmpdir(), 'portcullis-spa-js-'));
let system: RunningSystem;
let issuer: string;
let pages: Server;
let home: string;
let browser: Browser;

beforeAll(async () => {
  pages = createServer((request, response) => {
    if (request.url === '/sdk.js') response.setHeader('Content-Type', 'text/javascript').end(SDK);
    else
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><script src="/sdk.js"></script>');
  });
  await new Promise<void>((resolve) => pages.listen(0, 'localhost', resolve));
  home = `http://localhost:${(pages.address() as AddressInfo).port}/`;
  const environment = await systemEnvironment(folder);
  issuer = `http://localhost:${environment.IDENTITY_PORT}`;
  system = startSystem(
    {
      ...environment,
      SEED_ADMIN_PASSWORD: ADMIN.password,
      DASHBOARD_REDIRECT_URIS: home,
      ACCESS_TOKEN_TTL: '3',
    },
    ['identity'],
  );
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
  pages.close();
  rmSync(folder, { recursive: true });
});

interface Tokens {
  readonly header: { readonly typ: string };
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A browser of its own, which reaches loopback and nothing else, at the page with the SDK. */
async function visit(): Promise<Page> {
  const context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  await context.route(
    (url) => url.hostname !== 'localhost',
    (route) => route.abort(),
  );
  const page = await context.newPage();
  await page.goto(home);
  return page;
}

/** Makes the SDK's client in the page, as an application does at every load. */
async function open(page: Page, options: object = {}): Promise<void> {
  await page.evaluate(
    async ([domain, redirect_uri, more]) => {
      const sdk = Reflect.get(globalThis, 'auth0');
      const client = await sdk.createAuth0Client({
        domain,
        clientId: 'wab-dashboard',
        authorizationParams: { audience: 'https://menu-api.example.com', redirect_uri },
        ...more,
      });
      Reflect.set(globalThis, 'client', client);
    },
    [issuer, home, options] as const,
  );
}

const call = <Result>(page: Page, method: string, ...args: readonly unknown[]): Promise<Result> =>
  page.evaluate(([name, parameters]) => Reflect.get(globalThis, 'client')[name](...parameters), [
    method,
    args,
  ] as const);

async function logIn(page: Page, options: object = {}): Promise<void> {
  await open(page, options);
  await call(page, 'loginWithRedirect');
  await page.getByLabel('E-mail address').fill(ADMIN.email);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.locator('button[type=submit]').first().click();
  await page.waitForURL((url) => url.href.startsWith(home) && url.searchParams.has('code'));
  await open(page, options);
  await call(page, 'handleRedirectCallback');
}

async function accessToken(page: Page, options: object = {}): Promise<Tokens> {
  const [header = '', payload = ''] = (await call<string>(page, 'getTokenSilently', options)).split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: read(header), claims: read(payload) };
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('@auth0/auth0-spa-js', () => {
  it('logs in, and knows who it is', async () => {
    const page = await visit();
    await logIn(page);
    expect(await call(page, 'getUser')).toMatchObject({
      email: ADMIN.email,
      name: 'Ada Admin',
      nickname: 'admin',
      email_verified: true,
      updated_at: expect.anything(),
    });
    expect(await accessToken(page)).toMatchObject({
      header: { typ: 'JWT' },
      claims: { azp: 'wab-dashboard', permissions: ['create:items', 'delete:items', 'update:items'] },
    });
  });

  it('stays logged in over a reload, by a hidden frame', async () => {
    const page = await visit();
    await logIn(page);
    await page.goto(home);
    await open(page);
    expect(await call(page, 'isAuthenticated')).toBe(true);
  });

  it.each([
    ['refresh tokens', { useRefreshTokens: true, useRefreshTokensFallback: false }],
    ['a hidden frame', { useRefreshTokens: false }],
  ])(
    'renews an access token that lives for seconds without anybody noticing, by %s',
    async (_name, options) => {
      const page = await visit();
      await logIn(page, options);
      const first = await accessToken(page);
      await sleep(3500);
      const second = await accessToken(page);
      expect(second.claims['jti']).not.toBe(first.claims['jti']);
      expect(second.claims['sub']).toBe(first.claims['sub']);
      expect(await call(page, 'isAuthenticated')).toBe(true);
    },
  );

  it('has two tabs of one login renew at the same time', async () => {
    const page = await visit();
    const options = { useRefreshTokens: true, cacheLocation: 'localstorage' };
    await logIn(page, options);
    const other = await page.context().newPage();
    await other.goto(home);
    await open(other, options);
    const tokens = await Promise.all([page, other].map((one) => accessToken(one, { cacheMode: 'off' })));
    expect(tokens.map(({ claims }) => claims['azp'])).toEqual(['wab-dashboard', 'wab-dashboard']);
    expect(await accessToken(page, { cacheMode: 'off' })).toMatchObject({ claims: { azp: 'wab-dashboard' } });
  });

  it('gets tokens bound to a key of the browser, and renews them', async () => {
    const page = await visit();
    const options = { useDpop: true, useRefreshTokens: true, useRefreshTokensFallback: false };
    await logIn(page, options);
    const first = await accessToken(page);
    const second = await accessToken(page, { cacheMode: 'off' });
    expect(first.claims['cnf']).toEqual({ jkt: expect.any(String) });
    expect(second.claims['cnf']).toEqual(first.claims['cnf']);
  });

  it('tells an application that nobody is logged in', async () => {
    const page = await visit();
    await open(page);
    expect(await call(page, 'isAuthenticated')).toBe(false);
    await expect(accessToken(page)).rejects.toThrow('End-User authentication is required');
  });

  it('logs out, so that a reload logs nobody in again', async () => {
    const page = await visit();
    await logIn(page);
    await call(page, 'logout', { logoutParams: { returnTo: home } });
    await page.waitForURL(home);
    await open(page);
    expect(await call(page, 'isAuthenticated')).toBe(false);
  });
});
