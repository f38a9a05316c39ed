import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createRemoteJWKSet, decodeJwt, jwtVerify, type JWTVerifyResult } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { logoutNotice } from '../src/database/schema.ts';
import { startIdentity } from '../src/start-identity.ts';
import { Browser } from './support/browser.ts';
import { addClient } from './support/clients.ts';
import { ADMIN, onSeededDatabase, settingsFor, startForTest } from './support/identity.ts';
import { logIn, sendOwnForm } from './support/login.ts';

/** A client's own server: what it was told, and what it answers. */
class Listener {
  readonly told: { readonly contentType: string; readonly logoutToken: string }[] = [];
  readonly answers: number[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#hear(request).then(() => response.writeHead(this.answers.shift() ?? 200).end());
    });
  }

  async #hear(request: IncomingMessage): Promise<void> {
    const form = new URLSearchParams(await text(request));
    this.told.push({
      contentType: request.headers['content-type'] ?? '',
      logoutToken: form.get('logout_token') ?? '',
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/logged-out`;
  }

  close(): void {
    this.#server.close();
  }
}

// Each start of the app opens a database; several in one test add up on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const shop = new Listener();
const kitchen = new Listener();
let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

const SHOP = { client_id: 'shop', redirect_uri: 'http://localhost:6060/callback' };
const KITCHEN = { client_id: 'kitchen', redirect_uri: 'http://localhost:6060/callback' };

beforeAll(async () => {
  const [shopUri, kitchenUri] = [await shop.listen(), await kitchen.listen()];
  identity = await startForTest(
    {},
    {
      prepare: async (db) => {
        await addClient(db, { id: 'shop', secretHash: null, backchannelLogoutUri: shopUri });
        await addClient(db, { id: 'kitchen', secretHash: null, backchannelLogoutUri: kitchenUri });
      },
    },
  );
  issuer = identity.url;
});
afterAll(async () => {
  await identity.stop();
  shop.close();
  kitchen.close();
});
beforeEach(() => {
  shop.told.length = 0;
  kitchen.told.length = 0;
});
afterEach(() => {
  shop.answers.length = 0;
});

const read = (logoutToken: string): Promise<JWTVerifyResult> =>
  jwtVerify(logoutToken, createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`)), { issuer });

const logOut = async (browser: Browser, hint = '') => {
  const page = await browser.get(`${issuer}oidc/logout?${new URLSearchParams({ id_token_hint: hint })}`);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  return browser.post('/oidc/logout/confirm', { xsrf, logout: 'yes' });
};

describe('logging out', () => {
  it('tells every client with a session, with a token as the standard has it', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN, SHOP);
    await logIn(issuer, ADMIN, KITCHEN, browser);
    await logOut(browser, tokens.id_token);
    await vi.waitFor(() => expect([shop.told.length, kitchen.told.length]).toEqual([1, 1]), 5000);

    const [heard] = shop.told;
    expect(heard?.contentType).toMatch(/^application\/x-www-form-urlencoded/);
    const { payload, protectedHeader } = await read(heard?.logoutToken ?? '');
    const { sid, sub } = decodeJwt(tokens.id_token ?? '');
    expect(protectedHeader).toMatchObject({ typ: 'logout+jwt', alg: 'RS256' });
    expect(payload).toEqual({
      iss: issuer,
      aud: 'shop',
      sub,
      sid,
      iat: expect.any(Number),
      exp: Number(payload.iat) + 120,
      jti: expect.any(String),
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    });
    const other = await read(kitchen.told[0]?.logoutToken ?? '');
    expect(other.payload).toMatchObject({ aud: 'kitchen', sub });
    expect(other.payload['sid']).not.toBe(sid);
  });

  it('by /v2/logout tells them as well', async () => {
    const { browser } = await logIn(issuer, ADMIN, SHOP);
    await browser.get(`${issuer}v2/logout?client_id=shop`);
    await vi.waitFor(() => expect(shop.told).toHaveLength(1), 5000);
  });

  it('for somebody else to log in tells the clients of the former', async () => {
    const { browser, tokens } = await logIn(issuer, ADMIN, SHOP);
    const guest = { email: 'guest@example.com', password: 'a table for two' };
    const login = logIn(issuer, guest, { ...SHOP, prompt: 'login' }, browser);
    await expect(login).rejects.toThrow('login failed');
    const form = await browser.follow(await browser.get(`${issuer}authorize/${await resumed(browser)}`));
    await sendOwnForm(browser, form);
    await vi.waitFor(() => expect(shop.told).toHaveLength(1), 5000);
    const { payload } = await read(shop.told[0]?.logoutToken ?? '');
    expect(payload.sub).toBe(decodeJwt(tokens.id_token ?? '').sub);
  });

  it('waits for no client, and tells one that fails again', async () => {
    shop.answers.push(500, 302);
    const { browser } = await logIn(issuer, ADMIN, SHOP);
    const response = await logOut(browser);
    expect(response.status).toBe(303);
    await vi.waitFor(() => expect(shop.told).toHaveLength(2), 8000);
    expect(shop.told[0]?.logoutToken).not.toBe(shop.told[1]?.logoutToken);
  });

  it('without a session tells nobody', async () => {
    await logOut(new Browser(issuer));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(shop.told).toEqual([]);
  });
});

const resumed = (browser: Browser): Promise<string> =>
  Promise.resolve(browser.cookie('portcullis.identity.resume') ?? '');

describe('off loopback', () => {
  it('no client on a private address is reached', async () => {
    const inside = new Listener();
    const backchannelLogoutUri = await inside.listen();
    const settings = await settingsFor();
    await onSeededDatabase(settings, (db) =>
      addClient(db, { id: 'shop', secretHash: null, backchannelLogoutUri }),
    );
    const strict = await startIdentity({ ...settings, strict: true });
    const { browser } = await logIn(strict.url, ADMIN, SHOP);
    await browser.get(`${strict.url}v2/logout?client_id=shop`);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await strict.stop();
    const database = await openDatabase(settings.directory);
    const [notice] = await database.db.select().from(logoutNotice);
    await database.close();
    inside.close();
    expect(notice?.attempts).toBeGreaterThan(0);
    expect(inside.told).toEqual([]);
  });
});
