import { changeFeed, intersect } from '@portcullis/permissions';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createDenyList } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ProviderEndpoint } from '../../../permissions/test/provider-endpoint.ts';
import { Client, start } from './gateway-app.ts';
import { KitchenGateway } from './kitchen.gateway.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

/** An application that follows a provider, with its connections decided anew by what that tells. */
async function followed() {
  const provider = await new ProviderEndpoint().listen();
  const { issuer: trusted, audience } = issuer;
  const feed = changeFeed({ ...provider.options, issuer: trusted, audience, maxStaleness: 2, interval: 0.5 });
  const denyList = createDenyList({ source: feed.revocations, maxStaleness: 2, interval: 0.5 });
  onTestFinished(() => {
    denyList.close();
    feed.close();
  });
  const { host } = await start({
    issuer,
    gateways: [KitchenGateway],
    options: { denyList, permissions: intersect({ feed }) },
    sockets: { news: feed },
  });
  await denyList.ready();
  await expect.poll(() => provider.count('changes/stream')).toBe(1);
  return { provider, host };
}

/** Connected, and let into what needs a permission. */
async function cooking(host: string, { provider }: { provider: ProviderEndpoint }, sub: string) {
  const permissions = ['cook:items'];
  const token = await issuer.accessToken({
    sub,
    permissions,
    scope: permissions.join(' '),
    sid: `session of ${sub}`,
    chg: `${provider.incarnation}:${provider.number}`,
  });
  const client = await new Client(host, { headers: { authorization: `Bearer ${token}` } }).open();
  expect(await client.ask('cook', 'soup')).toEqual({ event: 'cooked', data: 'soup' });
  return client;
}

describe('an open connection', () => {
  it('closes when a permission that it was let in by is taken away, and no other does', async () => {
    const { provider, host } = await followed();
    const seven = await cooking(host, { provider }, 'user|7');
    const eight = await cooking(host, { provider }, 'user|8');
    const since = performance.now();
    provider.set('user|7', 'test-client', []);
    expect(await seven.closed).toMatch(/^4403 this needs the permission cook:items/);
    expect(performance.now() - since).toBeLessThan(1000);
    expect(await eight.ask('cook', 'stew')).toEqual({ event: 'cooked', data: 'stew' });
    expect(provider.count('effective-permissions')).toBe(1);
  });

  it('closes when its session is denied', async () => {
    const { provider, host } = await followed();
    const client = await cooking(host, { provider }, 'user|9');
    provider.deny('session', 'session of user|9');
    expect(await client.closed).toMatch(/^4401 the access token was revoked/);
  });

  it('closes, to be tried again, when nothing is heard of the provider for too long', async () => {
    const { provider, host } = await followed();
    const client = await cooking(host, { provider }, 'user|10');
    await provider.cut();
    expect(await client.closed).toMatch(/^1013 .*try again later/);
  });
});
