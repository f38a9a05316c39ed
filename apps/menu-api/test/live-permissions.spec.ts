import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLIENT, ProviderEndpoint } from '../../../packages/permissions/test/provider-endpoint.ts';
import { dish, startApi, type CallOptions, type RunningApi } from './running-api.ts';

let provider: ProviderEndpoint;
let stopProvider: () => void;
let api: RunningApi;

beforeAll(async () => {
  provider = await new ProviderEndpoint().listen((stop) => (stopProvider = stop));
  provider.refused.set('changes', { status: 503 });
  api = await startApi((issuer) => {
    provider.managementAudience = `${issuer.issuer}api/v2/`;
    return {
      PROVIDER: 'portcullis',
      PERMISSIONS_FROM: 'intersect',
      MANAGEMENT_API_URL: `${provider.issuer}api/v2/`,
      MANAGEMENT_CLIENT_ID: CLIENT.clientId,
      MANAGEMENT_CLIENT_SECRET: CLIENT.clientSecret,
    };
  });
});
afterAll(async () => {
  await api.stop();
  stopProvider();
});

async function status(path: string, options?: CallOptions): Promise<number> {
  return (await api.call('GET', path, options)).status;
}

// In this order: an API is without a first snapshot only once.
describe('an API that follows its provider', () => {
  it('is ready with the first snapshot, decides nobody before it, and serves the public throughout', async () => {
    const token = await api.admin();
    expect(await status('/api/menu/items')).toBe(200);
    expect(await status('/health/ready')).toBe(503);
    await expect.poll(async () => status('/api/whoami', { token })).toBe(503);
    const refused = await api.call('GET', '/api/whoami', { token });
    expect(await refused.json()).toMatchObject({ code: 'ERR_REVOCATION_UNKNOWN' });
    expect(refused.headers.get('retry-after')).toBe('1');
    provider.refused.clear();
    await expect.poll(async () => status('/health/ready'), { timeout: 5000 }).toBe(200);
    expect(await status('/api/whoami', { token })).toBe(200);
  });

  it('refuses what was taken away, and says what a new token would help with', async () => {
    const token = await api.admin({ sub: 'user|1' });
    const client = 'test-client';
    const create = () => api.call('POST', '/api/menu/items', { token, json: dish() });
    provider.set('user|1', client, ['create:items', 'read:items']);
    await expect.poll(async () => (await create()).status).toBe(201);
    provider.set('user|1', client, ['read:items']);
    await expect.poll(async () => (await create()).status).toBe(403);
    const refused = await create();
    expect(refused.headers.get('www-authenticate')).not.toMatch(/scope=/);
    expect(await refused.json()).toMatchObject({
      code: 'ERR_INSUFFICIENT_PERMISSIONS',
      missingPermissions: ['create:items'],
    });
  });

  it('refuses a session that has ended', async () => {
    const token = await api.admin({ sid: 'a-session' });
    expect(await status('/api/whoami', { token })).toBe(200);
    provider.deny('session', 'a-session');
    await expect.poll(async () => status('/api/whoami', { token })).toBe(401);
  });
});
