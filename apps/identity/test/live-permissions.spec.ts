import { authenticate, createAuthenticator, requirePermissions } from '@portcullis/http';
import { changeFeed, intersect, type ChangeFeed } from '@portcullis/permissions';
import { createDenyList } from '@portcullis/tokens';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { denial, logHead } from '../src/database/schema.ts';
import type { Settings } from '../src/settings.ts';
import { startIdentity, type OpenedParts } from '../src/start-identity.ts';
import { Authority } from './support/authority.ts';
import { cuttableProxy, type CuttableProxy } from './support/cuttable-proxy.ts';
import { GUEST, settingsFor } from './support/identity.ts';
import { logIn, MENU_API } from './support/login.ts';

// Identity is started three times here.
vi.setConfig({ testTimeout: 60_000 });

/** Seconds, in place of the 30 of the default. */
const BOUND = 1;

let settings: Settings;
let identity: Awaited<ReturnType<typeof startIdentity>>;
let parts: OpenedParts;
let authority: Authority;
let guest: string;
let proxy: CuttableProxy;
let api: Awaited<ReturnType<typeof startApi>>;

async function open(): Promise<void> {
  identity = await startIdentity(settings, { opened: (opened) => (parts = opened) });
  authority = new Authority(parts);
}

/** An API with one route, which reaches identity's Management API through the proxy alone. */
async function startApi() {
  const feed: ChangeFeed = changeFeed({
    issuer: settings.issuer,
    audience: MENU_API,
    managementApi: `http://127.0.0.1:${proxy.port}/api/v2/`,
    managementAudience: `${settings.issuer}api/v2/`,
    clientId: 'wab-menu-api',
    clientSecret: async () =>
      (await readFile(join(settings.directory, 'wab-menu-api.secret'), 'utf8')).trim(),
    maxStaleness: BOUND,
    interval: 0.25,
  });
  const denyList = createDenyList({ source: feed.revocations, maxStaleness: BOUND, interval: 0.25 });
  const authenticator = createAuthenticator({
    issuer: { issuer: settings.issuer, provider: 'portcullis' },
    audience: MENU_API,
    denyList,
    permissions: intersect({ feed, firstPartyClients: ['wab-dashboard'] }),
  });
  const [trust, require] = [authenticate(authenticator), requirePermissions('read:items')];
  const server = createServer((request, response) =>
    trust(request, response, () => require(request, response, () => response.end('ok'))),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await authenticator.verifier.ready();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    feed,
    call: (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } }),
    stop: () => {
      server.close();
      server.closeAllConnections();
      authenticator.verifier.close();
      denyList.close();
      feed.close();
    },
  };
}

async function tokenOf(...permissions: readonly string[]): Promise<string> {
  for (const name of permissions) await authority.give(guest, name);
  const { tokens } = await logIn(identity.url, GUEST);
  return tokens.access_token;
}

async function statusOf(token: string): Promise<number> {
  const response = await api.call(token);
  await response.body?.cancel();
  return response.status;
}

/** Milliseconds until that is the answer. */
async function until(status: number, token: string): Promise<number> {
  const since = performance.now();
  await expect.poll(() => statusOf(token), { interval: 5, timeout: 5000 }).toBe(status);
  return performance.now() - since;
}

beforeAll(async () => {
  settings = await settingsFor();
  await open();
  guest = await authority.userId(GUEST.email);
  proxy = await cuttableProxy(settings.port);
  api = await startApi();
});
afterAll(async () => {
  api.stop();
  await proxy.stop();
  await identity.stop();
});

describe('an API that has lost sight of identity', () => {
  it('answers 503 once the bound is over, and is right again within a second of coming back', async () => {
    const token = await tokenOf('read:items');
    await until(200, token);
    proxy.cut();
    expect(await statusOf(token)).toBe(200);
    await authority.take(guest, 'read:items');
    await until(503, token);
    const refused = await api.call(token);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.headers.has('www-authenticate')).toBe(false);
    expect(await refused.json()).toMatchObject({ status: 503, code: expect.stringMatching(/_UNKNOWN$/) });
    proxy.mend();
    expect(await until(403, token)).toBeLessThan(1000);
  });

  it('catches up on denials as well', async () => {
    const token = await tokenOf('read:items');
    await until(200, token);
    proxy.cut();
    await parts.revocations.endSession({ subject: 'test' }, await authority.lastSession(guest));
    await until(503, token);
    proxy.mend();
    expect(await until(401, token)).toBeLessThan(1000);
  });
});

describe('identity that was restarted', () => {
  it('is followed again, by a token whose client’s secret is as it was', async () => {
    const token = await tokenOf('read:items');
    await until(200, token);
    await identity.stop();
    await open();
    await authority.take(guest, 'read:items');
    expect(await until(403, token)).toBeLessThan(5000);
  });
});

describe('a backup that was restored', () => {
  /** As a restore leaves it: the numbers of before, under another incarnation. */
  async function restore(number: number): Promise<void> {
    await parts.db.update(logHead).set({ incarnation: 'restored', number });
    await parts.db.delete(denial);
  }

  it('is noticed: what a token of before says is looked at again, and what was denied stays denied', async () => {
    const before = (await parts.changes.position()).number;
    const denied = await tokenOf('read:items');
    await parts.revocations.endSession({ subject: 'test' }, await authority.lastSession(guest));
    await until(401, denied);
    // Issued at a number that the restored log has not come to yet: only the incarnation tells that it means nothing.
    const token = await tokenOf('create:items', 'read:items');
    await until(200, token);
    await authority.take(guest, 'read:items');
    expect(await until(403, token)).toBeLessThan(5000);
    await restore(before);
    await expect.poll(() => api.feed.position?.incarnation, { timeout: 5000 }).toBe('restored');
    expect(await statusOf(token)).toBe(403);
    expect(await statusOf(denied)).toBe(401);
  });
});
