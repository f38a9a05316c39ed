import type { Authentication } from '../authentication.ts';
import { RevocationUnknown, TokenRevoked } from '../errors.ts';
import { amount } from '../option-values.ts';
import { quiet } from '../quiet.ts';
import { Replica } from './replica.ts';
import { readNews } from './revocation-news.ts';
import type { RevocationNews, RevocationPosition, RevocationSource } from './revocation-source.ts';

export interface DenyListOptions {
  readonly source: RevocationSource;
  /** Seconds without news beyond which every token is answered 503. Default 30, 1 to 300. */
  readonly maxStaleness?: number;
  /** Seconds between two readings when nothing wakes. Default 5, at least 0.1 and at most half of `maxStaleness`. */
  readonly interval?: number;
  /** Told of every reading that failed. What it throws, or rejects with, becomes a process warning. */
  readonly onFailure?: (error: unknown) => void;
  /** The clock, in milliseconds since the epoch. Default `Date.now`; given, it also ages the news. */
  readonly now?: () => number;
}

/** Tells revoked tokens from a copy in memory, which follows a source. Whoever makes one closes it. */
export interface DenyList {
  /**
   * To be asked about tokens that have verified, and no others.
   *
   * @param clockTolerance seconds by which the issuer's clock may be off
   * @param kid of the key that the token was verified with; undefined when it has none, or the issuer was asked
   * @throws TokenRevoked
   * @throws RevocationUnknown when there was no news for too long, or none yet
   */
  check(authentication: Authentication, clockTolerance: number, kid: string | undefined): void;
  /** Resolves with the first snapshot; never rejects. */
  ready(): Promise<void>;
  isReady(): boolean;
  /** How many revocations are in force. */
  readonly size: number;
  /**
   * Calls the listener after every reading that brought revocations, for whoever let somebody in before them. What it
   * throws becomes a process warning. One that is absent leaves them to ask now and then.
   *
   * @returns a function that ends it
   */
  onNews?(listener: () => void): () => void;
  close(): void;
}

/** Milliseconds after which a reading is given up, whether or not the source ends it. */
const READ_TIMEOUT = 5000;
/** Milliseconds until a failed reading is tried again; fewer when there was a wake meanwhile. */
const RETRY_AFTER = 1000;
const WOKEN_RETRY_AFTER = 100;

/**
 * Starts to follow the source.
 *
 * @throws TypeError naming the option that is wrong
 */
export function createDenyList(options: DenyListOptions): DenyList {
  return new FollowingDenyList(options);
}

class FollowingDenyList implements DenyList {
  readonly #source: RevocationSource;
  readonly #maxStaleness: number;
  readonly #interval: number;
  readonly #failed: (error: unknown) => void;
  readonly #now: () => number;
  readonly #monotonic: () => number;
  readonly #first = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  readonly #stopListening: (() => void) | undefined;
  readonly #listeners = new Set<() => void>();
  #replica = new Replica();
  #position: RevocationPosition | undefined;
  /** When the last reading that succeeded began, less the age of its answer: what came later is not in it. */
  #newsOf = Number.NEGATIVE_INFINITY;
  /** Seconds since the epoch up to which entries were dropped. */
  #sweptAt = Number.NEGATIVE_INFINITY;
  #reading = false;
  #woken = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ source, maxStaleness = 30, interval, onFailure, now }: DenyListOptions) {
    if (typeof source?.read !== 'function') {
      throw new TypeError(
        '"denyList.source" must have a function "read", as memoryRevocations() of @portcullis/stores has',
      );
    }
    this.#source = source;
    this.#maxStaleness = amount('denyList.maxStaleness', 'seconds', maxStaleness, 1, 300) * 1000;
    const most = maxStaleness / 2; // beyond it, one reading that fails would leave nobody to be let in
    this.#interval = amount('denyList.interval', 'seconds', interval ?? Math.min(5, most), 0.1, most) * 1000;
    this.#failed = quiet('"denyList.onFailure"', onFailure === undefined ? [] : [onFailure]);
    this.#now = now ?? Date.now;
    this.#monotonic = now ?? (() => performance.now());
    this.#stopListening = source.onNews?.(() => this.#wake());
    this.#wake();
  }

  get size(): number {
    return this.#replica.size;
  }

  check(authentication: Authentication, clockTolerance: number, kid: string | undefined): void {
    if (this.#monotonic() - this.#newsOf > this.#maxStaleness) {
      throw new RevocationUnknown('whether the token was revoked cannot be told now', 1);
    }
    if (this.#replica.denies(authentication, clockTolerance, kid)) throw new TokenRevoked();
  }

  ready(): Promise<void> {
    return this.#first.promise;
  }

  isReady(): boolean {
    return this.#position !== undefined;
  }

  onNews(listener: () => void): () => void {
    const added = (): void => listener();
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  close(): void {
    this.#listeners.clear();
    this.#stopListening?.();
    clearTimeout(this.#timer);
    this.#closing.abort();
  }

  /** A reading that is under way may have begun before the news, so another follows it. */
  #wake(): void {
    if (this.#reading) this.#woken = true;
    else void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#reading = true;
    this.#woken = false;
    const succeeded = await this.#readOnce();
    this.#reading = false;
    if (succeeded) this.#follow(this.#woken ? 0 : this.#interval);
    else this.#follow(this.#woken ? WOKEN_RETRY_AFTER : RETRY_AFTER);
  }

  async #readOnce(): Promise<boolean> {
    const began = this.#monotonic();
    try {
      this.#take(await this.#news(), began);
      return true;
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#failed(error);
      return false;
    }
  }

  #follow(pause: number): void {
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#read(), pause);
    this.#timer.unref();
  }

  /** A source that hangs is no excuse to. */
  async #news(): Promise<RevocationNews> {
    const signal = AbortSignal.any([AbortSignal.timeout(READ_TIMEOUT), this.#closing.signal]);
    const ended = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => ended.reject(signal.reason), { once: true });
    ended.promise.catch(() => undefined); // a source that throws at once leaves nobody to wait for it
    // A clock that stepped back makes valid again what was dropped, so everything is asked for anew.
    const after = this.#now() / 1000 < this.#sweptAt ? undefined : this.#position;
    return readNews(await Promise.race([this.#source.read(after, signal), ended.promise]));
  }

  #take({ position, snapshot, revocations, age = 0 }: RevocationNews, began: number): void {
    const known = this.#position;
    if (!snapshot && position.incarnation !== known?.incarnation) {
      this.#position = undefined;
      throw new Error('the source of revocations has begun anew without a snapshot');
    }
    // From a copy that lags behind: what it lacks would be allowed again, and it is no news of now.
    if (position.incarnation === known?.incarnation && position.number < known.number)
      throw new Error('the source of revocations has gone back in its own log');
    // Built aside and exchanged whole: nobody is asked about half a snapshot.
    const replica = snapshot ? new Replica() : this.#replica;
    for (const revocation of revocations) replica.add(revocation);
    this.#sweptAt = this.#now() / 1000;
    replica.sweep(this.#sweptAt);
    this.#replica = replica;
    this.#position = position;
    this.#newsOf = Math.max(this.#newsOf, began - age);
    this.#first.resolve();
    if (revocations.length > 0) quiet('a listener of a deny-list', [...this.#listeners])();
  }
}
