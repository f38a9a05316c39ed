import type { ReplayStore } from '@portcullis/tokens';
import { ExpiryCalendar } from './expiry-calendar.ts';
import { StoreUnavailable } from './store-unavailable.ts';

export interface MemoryReplayStoreOptions {
  /** How many proofs may be remembered at once; about 120 bytes each. Default 100 000. */
  readonly maxEntries?: number;
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

export interface MemoryReplayStore extends ReplayStore {
  /** @throws StoreUnavailable when it is full, or has forgotten proofs as old as this one */
  remember(key: string, expiresAt: number): boolean;
}

/**
 * Used DPoP proofs of one process. A restart forgets them: where that, or a second node, matters, use Redis.
 *
 * @throws TypeError for a `maxEntries` that is no positive whole number
 */
export function memoryReplayStore({
  maxEntries = 100_000,
  now = Date.now,
}: MemoryReplayStoreOptions = {}): MemoryReplayStore {
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1)
    throw new TypeError('"maxEntries" must be a positive whole number');
  const known = new Map<string, number>();
  const calendar = new ExpiryCalendar<string>();
  let forgottenUpTo = -Infinity;

  const forget = (key: string): void => {
    forgottenUpTo = Math.max(forgottenUpTo, known.get(key) ?? -Infinity);
    known.delete(key);
  };

  return {
    remember(key, expiresAt) {
      if (!Number.isFinite(expiresAt))
        throw new StoreUnavailable('A proof without a time limit is not kept.');
      calendar.sweep(now() / 1000, forget);
      if (known.has(key)) return false;
      // The clock went back, or the proof ran out between its check and this line: it may have been here before.
      if (expiresAt <= forgottenUpTo)
        throw new StoreUnavailable('Proofs as old as this one may be forgotten already.');
      if (known.size >= maxEntries)
        throw new StoreUnavailable(`All ${maxEntries} places for proofs are taken, and none has expired.`);
      known.set(key, expiresAt);
      calendar.add(expiresAt, key);
      return true;
    },
  };
}
