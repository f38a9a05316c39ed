import type { Authentication } from '@portcullis/tokens';
import type { ChangeFeed } from '../feed/change-feed.ts';
import type { PermissionObserver } from '../permission-observer.ts';
import { PermissionsUnknown } from '../permissions-unknown.ts';
import { areNames } from './live-answer.ts';
import { liveSet, RememberedSets, type LiveSet } from './live-set.ts';
import type { LiveAnswer, PermissionLookup } from './permission-lookup.ts';
import { Slots } from './slots.ts';

export interface LiveSetsOptions {
  readonly lookup: PermissionLookup;
  /** Which names callers are told apart by, beside issuer, subject and client. */
  readonly audience: string;
  readonly feed: ChangeFeed | undefined;
  /** Milliseconds that an answer without a number is good for. */
  readonly maxAge: number;
  /** Milliseconds that it serves after that when no other can be had. */
  readonly maxStale: number;
  readonly maxEntries: number;
  readonly observer: Required<PermissionObserver>;
}

/** Milliseconds for one look-up, waiting for its turn included. */
const LOOKUP_TIMEOUT = 5000;
/** Times that an answer which is older than the last change is asked for again. */
const MOST_ASKS = 4;
const MOST_AT_ONCE = 32;

interface Flight {
  readonly set: Promise<LiveSet>;
  /** The last change at its beginning. Whoever knows of a later one does not join. */
  readonly touch: string;
}

/** What callers may do now: asked for once, however many wait, and remembered until a change touches it. */
export class LiveSets {
  readonly #options: LiveSetsOptions;
  readonly #remembered: RememberedSets;
  readonly #flights = new Map<string, Flight>();
  readonly #slots = new Slots(MOST_AT_ONCE);
  #forgotten = 0;

  constructor(options: LiveSetsOptions) {
    this.#options = options;
    this.#remembered = new RememberedSets(options.maxEntries);
  }

  /**
   * At once when it is known.
   *
   * @throws PermissionsUnknown (or rejects with it) when it cannot be told
   */
  of(authentication: Authentication): LiveSet | Promise<LiveSet> {
    const key = this.#keyOf(authentication);
    const known = this.#remembered.get(key);
    if (known !== undefined && this.#holds(known, authentication)) return known;
    const touch = this.#touchOf(authentication);
    const running = this.#flights.get(key);
    if (running?.touch === touch) return running.set;
    const set = this.#ask(key, authentication).finally(() => {
      if (this.#flights.get(key)?.set === set) this.#flights.delete(key);
    });
    this.#flights.set(key, { set, touch });
    return set;
  }

  /** Whether an answer is still the last word on somebody. */
  #holds({ position, askedAt }: LiveSet, { subject, client }: Authentication): boolean {
    const { feed, maxAge } = this.#options;
    if (feed === undefined) return performance.now() - askedAt <= maxAge;
    return (
      position !== undefined &&
      position.incarnation === feed.position?.incarnation &&
      position.number >= feed.lastTouch(subject, client)
    );
  }

  /** Drops every answer, and those that are under way. */
  forget(): void {
    this.#forgotten++;
    this.#remembered.clear();
    this.#flights.clear();
  }

  #touchOf({ subject, client }: Authentication): string {
    const { feed } = this.#options;
    return feed === undefined
      ? String(this.#forgotten)
      : `${feed.position?.incarnation} ${feed.lastTouch(subject, client)}`;
  }

  #keyOf({ issuer, subject, client = '' }: Authentication): string {
    return JSON.stringify([issuer, subject, client, this.#options.audience]);
  }

  async #ask(key: string, authentication: Authentication): Promise<LiveSet> {
    const forgotten = this.#forgotten;
    const began = performance.now();
    try {
      const signal = AbortSignal.timeout(LOOKUP_TIMEOUT);
      const set = await this.#slots.run(() => this.#answered(authentication, signal), signal);
      this.#options.observer.lookedUp(performance.now() - began);
      if (forgotten === this.#forgotten) this.#remembered.set(key, set);
      return set;
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(`a look-up threw a ${typeof error}`);
      this.#options.observer.lookUpFailed(cause);
      return this.#staleOrThrow(key, cause);
    }
  }

  /** An answer that is older than the last change that is known of is none: it is asked for again. */
  async #answered(authentication: Authentication, signal: AbortSignal): Promise<LiveSet> {
    const { feed } = this.#options;
    for (let asked = 0; asked < MOST_ASKS; asked++) {
      const askedAt = performance.now();
      const forgotten = this.#forgotten;
      const { permissions, position } = checked(
        await abortable(this.#options.lookup(authentication, signal), signal),
      );
      const set = liveSet(permissions, position, askedAt);
      if (feed === undefined ? forgotten === this.#forgotten : this.#holds(set, authentication)) return set;
      if (feed === undefined) continue;
      // Of another log than the one that is followed: which of the two is the newer has to be found out.
      if (position?.incarnation !== feed.position?.incarnation) await abortable(feed.catchUp(), signal);
      if (this.#holds(set, authentication)) return set;
    }
    throw new Error('permissions change faster than they can be read');
  }

  #staleOrThrow(key: string, cause: Error): LiveSet {
    const { maxStale, maxAge, feed, observer } = this.#options;
    const known = feed === undefined ? this.#remembered.get(key) : undefined;
    const age = known === undefined ? Number.POSITIVE_INFINITY : performance.now() - known.askedAt;
    if (known !== undefined && age <= maxAge + maxStale) {
      observer.decidedStale(age / 1000);
      return known;
    }
    throw new PermissionsUnknown({
      retryAfter: 'retryAfter' in cause && typeof cause.retryAfter === 'number' ? cause.retryAfter : 1,
      hint: `What a caller may do could not be looked up: ${cause.message}.`,
      cause,
    });
  }
}

function checked(answer: LiveAnswer): LiveAnswer {
  if (!areNames(answer?.permissions)) throw new TypeError('a look-up answered with no list of permissions');
  return answer;
}

/** A look-up that hangs, whether or not it heeds the signal, holds nobody up. */
function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const ended = Promise.withResolvers<never>();
  const abort = (): void => ended.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return Promise.race([promise, ended.promise]).finally(() => signal.removeEventListener('abort', abort));
}
