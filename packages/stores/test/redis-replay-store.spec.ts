import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { redisReplayStore, StoreUnavailable, type RedisReplayStore } from '../src/index.ts';
import { startRedisServer, type RedisServer } from './redis-server.ts';
import { inSeconds, newKey, replayStoreContract, told, type OpenStore } from './replay-store.contract.ts';

/** Where the time limit is not what is tested, a busy machine must not meet it. */
const PATIENT = { commandTimeout: 5000 };

async function connect(server: RedisServer) {
  const client = createClient({ url: server.url, socket: { reconnectStrategy: 20 } });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** A server and two nodes, each with a connection of its own; and the first with the default time limit. */
async function open(settings?: readonly string[]) {
  const server = await startRedisServer(settings);
  const clients = await Promise.all([connect(server), connect(server)]);
  return {
    server,
    clients,
    nodes: [redisReplayStore(clients[0], PATIENT), redisReplayStore(clients[1], PATIENT)] as const,
    hasty: redisReplayStore(clients[0]),
    close: async () => {
      for (const client of clients) client.destroy();
      await server.stop();
    },
  };
}

async function openSmall(): Promise<OpenStore> {
  const store = await open();
  const used = /^used_memory:(\d+)/m.exec(await store.clients[0].info('memory'))?.[1];
  await store.clients[0].configSet('maxmemory', String(Number(used) + 500_000));
  return store;
}

replayStoreContract('Redis', { open: () => open(), openSmall });

describe('the replay store on Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  async function client() {
    const connected = await connect(server);
    onTestFinished(() => connected.destroy());
    return connected;
  }

  it('keeps a key a minute longer than asked, under its prefix', async () => {
    const redis = await client();
    const key = newKey();
    expect(await redisReplayStore(redis, { ...PATIENT, prefix: 'mine:' }).remember(key, inSeconds(30))).toBe(
      true,
    );
    const left = await redis.pTTL(`mine:${key}`);
    expect(left).toBeGreaterThan(89_000);
    expect(left).toBeLessThanOrEqual(90_000);
  });

  it('keeps prefixes apart', async () => {
    const redis = await client();
    const key = newKey();
    expect(await redisReplayStore(redis, { ...PATIENT, prefix: 'one:' }).remember(key, inSeconds(30))).toBe(
      true,
    );
    expect(await redisReplayStore(redis, { ...PATIENT, prefix: 'two:' }).remember(key, inSeconds(30))).toBe(
      true,
    );
    expect(await redisReplayStore(redis, { ...PATIENT, prefix: 'one:' }).remember(key, inSeconds(30))).toBe(
      false,
    );
  });

  it.each([3600, -3600])('goes by the clocks of its nodes, of which one is %s s off', async (off) => {
    // For Redis, whose clock the other node shares, this node is that far off.
    const shifted = redisReplayStore(await client(), { ...PATIENT, now: () => Date.now() + off * 1000 });
    const key = newKey();
    expect(await shifted.remember(key, inSeconds(off + 30))).toBe(true);
    expect(await shifted.remember(key, inSeconds(off + 30))).toBe(false);
  });

  it('does not tell new again when the clock was set back, but takes what came after', async () => {
    const redis = await client();
    let back = 0;
    const store = redisReplayStore(redis, { ...PATIENT, now: () => Date.now() - back * 1000 });
    const old = newKey();
    const expiresAt = inSeconds(60);
    expect(await store.remember(old, expiresAt)).toBe(true);
    expect(await told(store, newKey(), NaN)).toBe('unavailable');
    back = 3600;
    await redis.flushAll(); // as if its lifetime were over
    await expect(store.remember(old, expiresAt)).rejects.toThrow(StoreUnavailable);
    back = 0;
    expect(await store.remember(newKey(), expiresAt + 1)).toBe(true);
  });

  it('that lived through a clock far ahead takes new proofs once the clock is right', async () => {
    let ahead = 0;
    const store = redisReplayStore(await client(), { ...PATIENT, now: () => Date.now() + ahead * 1000 });
    const first = newKey();
    const expiresAt = inSeconds(60);
    expect(await store.remember(first, expiresAt)).toBe(true);
    ahead = 86_400;
    await expect(store.remember(newKey(), expiresAt)).rejects.toThrow(StoreUnavailable);
    ahead = 0;
    await expect(store.remember(first, expiresAt)).rejects.toThrow(StoreUnavailable);
    expect(await store.remember(newKey(), expiresAt + 1)).toBe(true);
    expect(await store.remember(newKey(), expiresAt + 1)).toBe(true);
  });

  it('takes a clock that was set back by less than its margin in its stride', async () => {
    let back = 0;
    const store = redisReplayStore(await client(), { ...PATIENT, now: () => Date.now() - back * 1000 });
    const key = newKey();
    expect(await store.remember(key, inSeconds(60))).toBe(true);
    back = 50;
    expect(await store.remember(key, inSeconds(10))).toBe(false);
    expect(await store.remember(newKey(), inSeconds(10))).toBe(true);
  });

  it('refuses a proof whose time was over more than a minute ago', async () => {
    const store = redisReplayStore(await client(), PATIENT);
    await expect(store.remember(newKey(), inSeconds(-61))).rejects.toThrow(/forgotten already/);
    expect(await store.remember(newKey(), inSeconds(-50))).toBe(true);
  });

  it.each([
    ['noeviction', true],
    ['allkeys-lru', false],
    ['volatile-ttl', false],
    ['volatile-lru', false],
  ])('checked with the policy %s is fit: %s', async (policy, fit) => {
    const redis = await client();
    await redis.configSet('maxmemory-policy', policy);
    const checked = await redisReplayStore(redis, PATIENT)
      .check()
      .then(
        () => 'fit',
        (error: unknown) => String(error),
      );
    await redis.configSet('maxmemory-policy', 'noeviction');
    expect(checked).toMatch(fit ? /^fit$/ : /must be noeviction/);
  });

  it.each([2, 3] as const)('speaks through a client of protocol %i', async (RESP) => {
    const redis = createClient({ url: server.url, RESP });
    redis.on('error', () => undefined);
    await redis.connect();
    onTestFinished(() => redis.destroy());
    const store = redisReplayStore(redis, PATIENT);
    const key = newKey();
    await store.check();
    expect(await store.remember(key, inSeconds(60))).toBe(true);
    expect(await store.remember(key, inSeconds(60))).toBe(false);
  });

  it.each(['QUEUED', 1, true, undefined, Buffer.from('OK'), ['OK'], ''])(
    'takes no other answer than those of SET for one: %j',
    async (answer) => {
      const odd = redisReplayStore({ sendCommand: async () => answer });
      await expect(odd.remember(newKey(), inSeconds(60))).rejects.toThrow(StoreUnavailable);
      await expect(odd.check()).rejects.toThrow(StoreUnavailable);
    },
  );

  it('rejects when Redis answers with an error, and says which as the cause only', async () => {
    const redis = await client();
    const key = newKey();
    await redis.sendCommand(['CONFIG', 'SET', 'min-replicas-to-write', '1']);
    const refused: unknown = await redisReplayStore(redis, PATIENT)
      .remember(key, inSeconds(60))
      .catch((error: unknown) => error);
    await redis.sendCommand(['CONFIG', 'SET', 'min-replicas-to-write', '0']);
    expect(refused).toBeInstanceOf(StoreUnavailable);
    expect(refused).toHaveProperty('message', 'Redis is out of reach or refused the command.');
    expect(refused).toHaveProperty('cause.message', expect.stringContaining('NOREPLICAS'));
    expect(await redisReplayStore(redis, PATIENT).remember(key, inSeconds(60))).toBe(true);
  });

  it('rejects when the client throws at once', async () => {
    const broken = redisReplayStore({
      sendCommand: () => {
        throw new Error('not connected');
      },
    });
    await expect(broken.remember(newKey(), inSeconds(60))).rejects.toThrow(StoreUnavailable);
  });

  it.each([0, -1, NaN, Infinity, 60_001])('refuses to be made with a time limit of %s', (commandTimeout) => {
    const nobody = { sendCommand: async () => 'OK' };
    expect(() => redisReplayStore(nobody, { commandTimeout })).toThrow(TypeError);
    expect(() => redisReplayStore(nobody, { commandTimeout: 60_000 })).not.toThrow();
  });
});

describe('a Redis in trouble', () => {
  const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];

  async function rejectsInTime(store: RedisReplayStore, keys: readonly string[]): Promise<void> {
    const began = performance.now();
    const answers = await Promise.all(keys.map((key) => told(store, key, inSeconds(60))));
    expect(new Set(answers)).toEqual(new Set(['unavailable']));
    expect(performance.now() - began).toBeLessThan(2000); // 500 ms, and a busy machine
  }

  async function answersAgain(store: RedisReplayStore): Promise<void> {
    const until = performance.now() + 5000;
    while ((await told(store, newKey(), inSeconds(60))) !== 'new') {
      if (performance.now() > until) throw new Error('it did not answer again within 5 s');
      await sleep(20);
    }
  }

  it('that stands still is given up on in time, and nothing is new twice when it goes on', async () => {
    const { server, nodes, hasty, close } = await open();
    onTestFinished(close);
    const [a, b] = nodes;
    const before = newKey();
    expect(await told(a, before, inSeconds(60))).toBe('new');
    server.pause();
    const during = Array.from({ length: 50 }, newKey);
    await rejectsInTime(hasty, [before, ...during]);
    server.resume();
    await answersAgain(b);
    expect(await told(b, before, inSeconds(60))).toBe('known');
    // Whether their commands arrived is not known; after one more answer each it must be.
    await Promise.all(during.map((key) => told(a, key, inSeconds(60))));
    const again = await Promise.all(during.map((key) => told(b, key, inSeconds(60))));
    expect(new Set(again)).toEqual(new Set(['known']));
  });

  it('that is gone rejects in time, and one that wrote all down knows it after a restart', async () => {
    const { server, nodes, hasty, close } = await open(DURABLE);
    onTestFinished(close);
    const [a, b] = nodes;
    const before = Array.from({ length: 50 }, newKey);
    const answers = await Promise.all(before.map((key) => told(a, key, inSeconds(60))));
    expect(new Set(answers)).toEqual(new Set(['new']));
    await server.kill();
    await rejectsInTime(hasty, before);
    await server.restart();
    await Promise.all([answersAgain(a), answersAgain(b)]);
    const again = await Promise.all(before.map((key) => told(b, key, inSeconds(60))));
    expect(new Set(again)).toEqual(new Set(['known']));
  });

  it('killed and restarted under load tells no key new twice', async () => {
    const { server, clients, nodes, close } = await open(DURABLE);
    onTestFinished(close);
    const news = new Map<string, number>();
    const seen = new Set<string>();
    const ending = new AbortController();
    const hasty = clients.map((client) => redisReplayStore(client));
    const load = hasty.map(async (node) => {
      while (!ending.signal.aborted) {
        const key = newKey();
        const answers = await Promise.all([...hasty, ...hasty].map((each) => told(each, key, inSeconds(60))));
        answers.push(await told(node, key, inSeconds(60)));
        for (const answer of answers) seen.add(answer);
        news.set(key, answers.filter((answer) => answer === 'new').length);
      }
    });
    for (let times = 0; times < 3; times += 1) {
      await sleep(200);
      await server.kill();
      await sleep(100);
      await server.restart();
    }
    await Promise.all(nodes.map(answersAgain));
    ending.abort();
    await Promise.all(load);
    expect(seen).toEqual(new Set(['new', 'known', 'unavailable']));
    expect(Math.max(...news.values())).toBe(1);
    const again = await Promise.all(
      [...news].filter(([, count]) => count === 1).map(([key]) => told(nodes[0], key, inSeconds(60))),
    );
    expect(new Set(again)).toEqual(new Set(['known']));
  });

  it('leaves no command of ours behind in the client that waits for it', async () => {
    const { server, nodes, hasty, close } = await open();
    onTestFinished(close);
    const key = newKey();
    await server.kill();
    await sleep(50);
    expect(await told(hasty, key, inSeconds(60))).toBe('unavailable');
    await server.restart();
    await answersAgain(nodes[0]);
    // The command that was given up on was taken back, so that the key is still new.
    expect(await told(nodes[0], key, inSeconds(60))).toBe('new');
  });
});
