import type { ReplayStore } from '@portcullis/tokens';
import type { RedisClient } from './redis-client.ts';
import { StoreUnavailable } from './store-unavailable.ts';
import { timedCommand } from './timed-command.ts';

export interface RedisReplayStoreOptions {
  /** Before every key, so that others can use the same Redis. Default `portcullis:dpop:`. */
  readonly prefix?: string;
  /** Milliseconds for one command. Default 500, at most 60 000. */
  readonly commandTimeout?: number;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

export interface RedisReplayStore extends ReplayStore {
  /**
   * @throws StoreUnavailable when Redis is full, out of reach, late, or answers what it should not, and after the
   *   clock was set back, for proofs that Redis may have forgotten since
   */
  remember(key: string, expiresAt: number): Promise<boolean>;
  /**
   * To be awaited once at start: whether this Redis keeps what it accepted.
   *
   * @throws StoreUnavailable when it may evict keys to gain memory, or will not say
   */
  check(): Promise<void>;
}

/** Seconds that Redis keeps a key beyond its time, for clocks that differ between nodes or run unevenly. */
const MARGIN = 60;

/**
 * Used DPoP proofs of any number of nodes, on a Redis that they share: one `SET … NX PX` each. What Redis loses in a
 * restart without persistence, a failover or a FLUSHALL can be used once more until it expires.
 *
 * @throws TypeError for a `commandTimeout` out of its range
 */
export function redisReplayStore(
  client: RedisClient,
  { prefix = 'portcullis:dpop:', commandTimeout = 500, now = Date.now }: RedisReplayStoreOptions = {},
): RedisReplayStore {
  if (!(commandTimeout >= 1 && commandTimeout <= 60_000))
    throw new TypeError('"commandTimeout" must be milliseconds from 1 to 60000');
  let furthestAhead = -Infinity;
  let newest = -Infinity;
  let doubtfulUpTo = -Infinity;

  /** Redis counts lifetimes on while a clock that is set back makes proofs young again. */
  function noticeClockSetBack(seconds: number): void {
    const ahead = seconds - performance.now() / 1000;
    if (ahead < furthestAhead - MARGIN) {
      doubtfulUpTo = newest;
      furthestAhead = ahead;
    } else furthestAhead = Math.max(furthestAhead, ahead);
  }

  return {
    async remember(key, expiresAt) {
      if (!Number.isFinite(expiresAt))
        throw new StoreUnavailable('A proof without a time limit is not kept.');
      const seconds = now() / 1000;
      noticeClockSetBack(seconds);
      if (expiresAt <= Math.max(doubtfulUpTo, seconds - MARGIN))
        throw new StoreUnavailable('Proofs as old as this one may be forgotten already.');
      newest = Math.max(newest, expiresAt);
      // A lifetime, not PXAT: for a Redis whose clock is ahead, an absolute time may be over before it begins.
      const lifetime = Math.ceil((expiresAt + MARGIN - seconds) * 1000);
      const answer = await timedCommand(
        client,
        ['SET', `${prefix}${key}`, '1', 'NX', 'PX', String(lifetime)],
        commandTimeout,
      );
      if (answer === 'OK') return true;
      if (answer === null) return false;
      throw new StoreUnavailable('Redis gave an answer that SET does not have.');
    },

    async check() {
      const memory = await timedCommand(client, ['INFO', 'memory'], commandTimeout);
      if (typeof memory !== 'string' || !/^maxmemory_policy:noeviction\r?$/m.test(memory))
        throw new StoreUnavailable('Redis may evict keys: its "maxmemory-policy" must be noeviction.');
    },
  };
}
