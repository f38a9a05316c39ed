import type { Log } from '@portcullis/service';
import { redisReplayStore, type RedisReplayStore } from '@portcullis/stores';
import type { ReplayStore } from '@portcullis/tokens';
import { createClient } from 'redis';
import type { UsedProofs } from './used-proofs.ts';

/** Milliseconds between attempts to reach a Redis that is away, at most. */
const LONGEST_PAUSE = 2000;
/** Milliseconds without an answer after which a connection counts as lost; it is asked for one three times as often. */
const SILENCE = 6000;

/**
 * For all nodes. Returns at once: while Redis is away the store throws, which is answered 503, and the connection is
 * tried again and again.
 */
export function openRedisUsedProofs(redisUrl: string, log: Log): UsedProofs {
  const client = createClient({
    url: redisUrl,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    pingInterval: SILENCE / 3,
    socket: {
      socketTimeout: SILENCE,
      reconnectStrategy: (attempts) => Math.min(50 * 2 ** attempts, LONGEST_PAUSE),
    },
  });
  const store = checkedStore(redisReplayStore(client, { prefix: 'menu-api:dpop:' }));
  let away = false;
  client.on('error', (error: unknown) => {
    if (!away)
      log.warn({ err: error }, 'Redis is out of reach: tokens bound by DPoP get 503 until it is back');
    away = true;
  });
  client.on('ready', () => {
    away = false;
    store.recheck().then(
      () => log.info('Redis remembers the used DPoP proofs'),
      (error: unknown) =>
        log.error({ err: error }, 'this Redis cannot be used: tokens bound by DPoP get 503'),
    );
  });
  // Rejects when it is closed before it was ever open; whatever else goes wrong comes as an event.
  client.connect().catch(() => undefined);
  return { store, close: () => client.destroy() };
}

interface CheckedStore extends ReplayStore {
  /** To be called for every new connection: it may be another server. */
  recheck(): Promise<void>;
}

/** A Redis that may evict keys would forget a proof before its time: nothing is asked of it until it is known not to. */
function checkedStore(store: RedisReplayStore): CheckedStore {
  let good: Promise<void> | undefined;
  const recheck = (): Promise<void> => {
    const check = store.check();
    good = check;
    // Asked again for the next proof: whoever runs Redis may have mended it.
    check.catch(() => {
      if (good === check) good = undefined;
    });
    return check;
  };
  return {
    recheck,
    remember: async (key, expiresAt) => {
      await (good ?? recheck());
      return store.remember(key, expiresAt);
    },
  };
}
