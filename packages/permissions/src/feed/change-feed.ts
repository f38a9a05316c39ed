import type { RevocationSource } from '@portcullis/tokens';
import { EFFECTIVE_PERMISSIONS_PATH, readLiveAnswer } from '../live/live-answer.ts';
import type { LiveAnswer, PermissionLookup } from '../live/permission-lookup.ts';
import { UnexpectedStatus } from '../management/answer.ts';
import { ManagementApi, type ManagementApiOptions } from '../management/management-api.ts';
import { amount, text } from '../option-values.ts';
import { carefulObserver, type PermissionObserver } from '../permission-observer.ts';
import { readPage, type ChangePage } from './change-page.ts';
import { writePosition, type ChangePosition } from './change-position.ts';
import { Denials } from './denials.ts';
import { followEvents } from './event-stream.ts';
import { Touches } from './touches.ts';

export type ChangeFeedOptions = ManagementApiOptions & {
  /** The issuer whose tokens the changes are about, exactly as in their `iss`. */
  readonly issuer: string;
  /** This API's identifier. */
  readonly audience: string;
  /** Seconds without news beyond which nothing is decided. Default 30, 1 to 300. */
  readonly maxStaleness?: number;
  /** Seconds between two readings when nothing wakes. Default 5, at least 0.1 and at most half of `maxStaleness`. */
  readonly interval?: number;
  /** Seconds without a sign of life after which the stream is opened anew. Default 15, at least 1. */
  readonly silence?: number;
  /** Told of every reading. */
  readonly observer?: PermissionObserver | readonly PermissionObserver[];
};

/** Whom a change is about. */
export interface Touched {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * What changes at the identity provider, followed in memory. Whoever makes one closes it.
 *
 * The stream says that there is something; a reading then says what, and proves by its answer that the provider was
 * there. What is known is therefore as old as the last reading that succeeded.
 */
export interface ChangeFeed {
  readonly issuer: string;
  readonly audience: string;
  /** Seconds without news beyond which nothing is decided. */
  readonly maxStaleness: number;
  /** What a deny-list follows: `createDenyList({ source: feed.revocations })`. */
  readonly revocations: RevocationSource;
  /** Asks the provider what somebody may do now. */
  readonly lookup: PermissionLookup;
  /** How far it was read; undefined before the first snapshot. */
  readonly position: ChangePosition | undefined;
  /** Goes up whenever something may be different for anybody. */
  readonly revision: number;
  /** Seconds since what is known was all there was. Infinity before the first snapshot. */
  age(): number;
  /** The number of the last change that may have touched this subject through this client. */
  lastTouch(subject: string, client: string | undefined): number;
  /** Reads anew, from now on. */
  catchUp(): Promise<void>;
  /**
   * Calls the listener after each change of permissions, with whom it is about, or with nobody when that may be
   * anybody. It is what open connections are decided anew by.
   *
   * @returns a function that ends it
   */
  onNews(changed: (who?: Touched) => void): () => void;
  /** Resolves with the first snapshot; never rejects. */
  ready(): Promise<void>;
  isReady(): boolean;
  close(): void;
}

/** Milliseconds after which a reading, or the opening of the stream, is given up. */
const READ_TIMEOUT = 3000;
/** Milliseconds until what failed is tried again: doubled each time, up to the longest, and up to half as much more. */
const FIRST_RETRY = 50;
const LONGEST_RETRY = 400;

/**
 * Starts to follow the changes of one API at an identity provider of Portcullis.
 *
 * ```ts
 * const feed = changeFeed({ issuer, audience, managementApi: `${issuer}api/v2/`, clientId, clientSecret });
 * const denyList = createDenyList({ source: feed.revocations });
 * createAuthenticator({ issuer, audience, denyList, permissions: intersect({ feed }) });
 * ```
 *
 * @throws TypeError naming the option that is wrong
 */
export function changeFeed(options: ChangeFeedOptions): ChangeFeed {
  return new FollowingFeed(options);
}

class FollowingFeed implements ChangeFeed {
  readonly issuer: string;
  readonly audience: string;
  readonly maxStaleness: number;
  readonly revocations: RevocationSource;
  readonly lookup: PermissionLookup;
  readonly #api: ManagementApi;
  readonly #interval: number;
  readonly #silence: number;
  readonly #observer: Required<PermissionObserver>;
  readonly #denials: Denials;
  readonly #first = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  readonly #listeners = new Set<(who?: Touched) => void>();
  readonly #wakes = new Set<() => void>();
  #touches = new Touches(0);
  #position: ChangePosition | undefined;
  #revision = 0;
  /** By the monotonic clock, when the last reading that succeeded began. */
  #newsOf = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** A reading that begins when the one under way has ended. */
  #next: Promise<void> | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ChangeFeedOptions) {
    const { maxStaleness = 30, interval, silence = 15 } = options;
    this.issuer = text('issuer', options.issuer);
    this.audience = text('audience', options.audience);
    this.maxStaleness = amount('maxStaleness', 'seconds', maxStaleness, 1, 300);
    const most = maxStaleness / 2; // beyond it, one reading that fails would leave nobody to be let in
    this.#interval = amount('interval', 'seconds', interval ?? Math.min(5, most), 0.1, most) * 1000;
    this.#silence = amount('silence', 'seconds', silence, 1, 300) * 1000;
    this.#observer = carefulObserver(options.observer);
    this.#api = new ManagementApi(options);
    this.#denials = new Denials(this.issuer);
    this.revocations = {
      read: async (after) => ({ ...this.#denials.newsAfter(after), age: this.age() * 1000 }),
      onNews: (wake) => added(this.#wakes, () => wake()),
    };
    this.lookup = (who, signal) => this.#lookUp(who, signal);
    this.#schedule(0);
    void this.#follow();
  }

  get position(): ChangePosition | undefined {
    return this.#position;
  }

  get revision(): number {
    return this.#revision;
  }

  age(): number {
    return (performance.now() - this.#newsOf) / 1000;
  }

  lastTouch(subject: string, client: string | undefined): number {
    return this.#touches.lastOf(subject, client);
  }

  onNews(changed: (who?: Touched) => void): () => void {
    return added(this.#listeners, (who) => changed(who));
  }

  ready(): Promise<void> {
    return this.#first.promise;
  }

  isReady(): boolean {
    return this.#position !== undefined;
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#listeners.clear();
    this.#wakes.clear();
  }

  /** One that is under way may have begun before the news, so another follows it, for all who ask meanwhile. */
  catchUp(): Promise<void> {
    if (this.#reading === undefined) return this.#read();
    this.#next ??= this.#reading.then(() => {
      this.#next = undefined;
      return this.#read();
    });
    return this.#next;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted;) {
      const opened = await followEvents(
        {
          open: (ended) => this.#open(ended),
          onOpen: () => void this.catchUp(),
          onEvent: () => void this.catchUp(),
          silence: this.#silence,
          patience: READ_TIMEOUT,
        },
        signal,
      );
      failures = opened ? 0 : failures + 1;
      await pause(retryAfter(failures), signal);
    }
  }

  #open(signal: AbortSignal): Promise<Response> {
    const known = this.#position;
    const resumed = known === undefined ? {} : { 'last-event-id': writePosition(known) };
    return this.#api.open(
      { path: 'changes/stream', headers: { accept: 'text/event-stream', ...resumed } },
      signal,
    );
  }

  #read(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    clearTimeout(this.#timer);
    const reading = this.#readOnce().then((succeeded) => {
      this.#reading = undefined;
      this.#failures = succeeded ? 0 : this.#failures + 1;
      if (this.#next === undefined) this.#schedule(succeeded ? this.#interval : retryAfter(this.#failures));
    });
    this.#reading = reading;
    return reading;
  }

  #schedule(milliseconds: number): void {
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => void this.catchUp(), milliseconds);
    this.#timer.unref();
  }

  async #readOnce(): Promise<boolean> {
    const began = performance.now();
    try {
      this.#take(await this.#page(), began);
      return true;
    } catch (error) {
      if (!this.#closing.signal.aborted)
        this.#observer.changesFailed(error instanceof Error ? error : new Error(typeof error));
      return false;
    }
  }

  async #page(): Promise<ChangePage> {
    const signal = AbortSignal.any([AbortSignal.timeout(READ_TIMEOUT), this.#closing.signal]);
    if (this.#position === undefined) return readPage(await this.#api.get({ path: 'changes' }, signal));
    const { incarnation, number } = this.#position;
    try {
      const query = { incarnation, after: String(number) };
      return readPage(await this.#api.get({ path: 'changes', query }, signal));
    } catch (error) {
      // What lies between is not there any more, or not of this log: all is asked for anew.
      if (!(error instanceof UnexpectedStatus) || error.status !== 410) throw error;
      return readPage(await this.#api.get({ path: 'changes' }, signal));
    }
  }

  #take(page: ChangePage, began: number): void {
    const { incarnation, number, snapshot, touches } = page;
    const known = this.#position;
    if (!snapshot && incarnation !== known?.incarnation)
      throw new Error('the change feed has begun anew without a snapshot');
    if (incarnation === known?.incarnation && number < known.number)
      throw new Error(
        'the change feed has gone back in its own log: was a backup restored without a new incarnation?',
      );
    if (snapshot) this.#touches = new Touches(page.floor ?? number);
    for (const touch of touches) this.#touches.add(touch);
    this.#denials.take(page);
    this.#position = { incarnation, number };
    this.#newsOf = began;
    if (snapshot || touches.length > 0) this.#revision++;
    this.#first.resolve();
    this.#observer.changesRead(number);
    this.#tell(page);
  }

  /** Deny-lists at every reading, so that they know how fresh it all is. */
  #tell({ snapshot, touches }: ChangePage): void {
    for (const wake of this.#wakes) quietly(wake);
    const subjects = new Set(touches.map(({ subject }) => subject));
    const anybody = snapshot || subjects.has(null);
    const about = anybody ? [undefined] : [...subjects].map((subject) => this.#touched(String(subject)));
    for (const who of about) for (const listener of this.#listeners) quietly(() => listener(who));
  }

  #touched(subject: string): Touched {
    return { issuer: this.issuer, subject };
  }

  async #lookUp(
    { subject, client }: Parameters<PermissionLookup>[0],
    signal: AbortSignal,
  ): Promise<LiveAnswer> {
    const query = { subject, client_id: client ?? '', audience: this.audience };
    return readLiveAnswer(await this.#api.get({ path: EFFECTIVE_PERMISSIONS_PATH, query }, signal));
  }
}

/** Of its own, so that one function given twice is two listeners with an end each. */
function added<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function quietly(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    const what = error instanceof Error ? error.message : typeof error;
    process.emitWarning(`a listener of a change feed threw: ${what}`, { code: 'PORTCULLIS_OBSERVER' });
  }
}

/** With jitter, so that nodes which lost the provider together do not come back together. */
function retryAfter(failures: number): number {
  const longest = Math.min(FIRST_RETRY * 2 ** failures, LONGEST_RETRY);
  return longest * (1 + Math.random() / 2);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const end = (): void => resolve();
  signal.addEventListener('abort', end, { once: true });
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  });
}
