import { createDpopClient, type DpopClient } from '@portcullis/testing';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRedisServer, type RedisServer } from '../../../packages/stores/test/redis-server.ts';
import { startApi, type RunningApi } from './running-api.ts';

const PUBLIC_URL = 'http://localhost:1234';
const PATIENCE = { timeout: 10_000, interval: 100 };
let redis: RedisServer;
let client: DpopClient;
beforeAll(async () => {
  redis = await startRedisServer();
  client = await createDpopClient();
});
afterAll(() => redis.stop());

const proofOf = (token: string): string =>
  client.proof({ method: 'GET', url: `${PUBLIC_URL}/api/whoami`, token });
const whoami = (api: RunningApi, token: string, proof = proofOf(token)): Promise<Response> =>
  api.call('GET', '/api/whoami', { headers: { authorization: `DPoP ${token}`, dpop: proof } });
const bound = (api: RunningApi): Promise<string> => api.admin({ cnf: { jkt: client.jkt } });

describe('two nodes with one Redis', () => {
  let one: RunningApi;
  let other: RunningApi;
  beforeAll(async () => {
    one = await startApi({ PUBLIC_URL, REDIS_URL: redis.url });
    other = await startApi({ PUBLIC_URL, REDIS_URL: redis.url, ISSUER_URL: one.issuer.issuer });
  });
  afterAll(async () => {
    await one.stop();
    await other.stop();
  });

  it('take each proof once between them', async () => {
    const token = await bound(one);
    const proof = proofOf(token);
    expect((await whoami(one, token, proof)).status).toBe(200);
    expect((await whoami(other, token, proof)).status).toBe(401);
    expect((await whoami(other, token)).status).toBe(200);
  });

  it('answer 503 while it stands still, and go on when it does', async () => {
    const token = await bound(one);
    redis.pause();
    try {
      expect((await whoami(one, token)).status).toBe(503);
    } finally {
      redis.resume();
    }
    await vi.waitFor(async () => expect((await whoami(one, token)).status).toBe(200), PATIENCE);
  });

  it('give up a connection on which nothing comes back, and make another', async () => {
    const operator = createClient({ url: redis.url });
    await operator.connect();
    const connections = async () =>
      (await operator.clientList()).map(({ id }) => id).toSorted((a, b) => a - b);
    try {
      const before = await connections();
      redis.pause();
      await new Promise((resolve) => setTimeout(resolve, 8000));
      redis.resume();
      await vi.waitFor(async () => expect((await whoami(one, await bound(one))).status).toBe(200), PATIENCE);
      await vi.waitFor(async () => expect(await connections()).toHaveLength(before.length), PATIENCE);
      expect(await connections()).not.toEqual(before);
    } finally {
      redis.resume();
      operator.destroy();
    }
  }, 60_000);
});

describe('an API whose Redis is away', () => {
  it('starts, answers 503 to bound tokens alone, and takes them when it is back', async () => {
    await redis.kill();
    const api = await startApi({ PUBLIC_URL, REDIS_URL: redis.url });
    try {
      const token = await bound(api);
      expect((await api.call('GET', '/health/live')).status).toBe(200);
      expect((await api.call('GET', '/api/whoami', { token: await api.admin() })).status).toBe(200);
      const refused = await whoami(api, token);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([503, null]);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      await redis.restart();
      await vi.waitFor(async () => expect((await whoami(api, token)).status).toBe(200), PATIENCE);
      await redis.kill();
      await vi.waitFor(async () => expect((await whoami(api, token)).status).toBe(503), PATIENCE);
    } finally {
      await api.stop();
      await redis.restart();
    }
  }, 60_000);
});

describe('an API whose Redis may evict keys', () => {
  it('answers 503 to bound tokens until that is mended', async () => {
    const operator = createClient({ url: redis.url });
    await operator.connect();
    await operator.configSet('maxmemory-policy', 'allkeys-lru');
    const api = await startApi({ PUBLIC_URL, REDIS_URL: redis.url });
    try {
      const token = await bound(api);
      expect((await whoami(api, token)).status).toBe(503);
      expect((await api.call('GET', '/api/whoami', { token: await api.admin() })).status).toBe(200);
      await operator.configSet('maxmemory-policy', 'noeviction');
      expect((await whoami(api, token)).status).toBe(200);
    } finally {
      operator.destroy();
      await api.stop();
    }
  }, 60_000);
});
