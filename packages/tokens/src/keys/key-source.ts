import type { Algorithm } from '../algorithm.ts';
import { IssuerUnavailable, TokenUntrusted } from '../errors.ts';
import type { Settings } from '../settings.ts';
import { discoverJwksUri } from './discovery.ts';
import { jsonDocument } from './json-document.ts';
import { KeySet } from './key-set.ts';
import { Pace, REDISCOVER_AFTER, REFRESH_AFTER, SERVED_FOR } from './pace.ts';
import type { VerificationKey } from './verification-key.ts';

/** One issuer's keys, kept fresh off the request's path. Never shared between verifiers or issuers. */
export class KeySource {
  readonly #issuer: string;
  readonly #settings: Settings;
  readonly #pace: Pace;
  readonly #firstLoad = Promise.withResolvers<void>();
  #current: { readonly keys: KeySet; readonly loadedAt: number } | undefined;
  #flight: Promise<KeySet> | undefined;
  #discovered: { readonly jwksUri: URL; readonly at: number } | undefined;
  #failure: unknown;
  #timer: NodeJS.Timeout | undefined;
  #request: AbortController | undefined;
  #closed = false;

  constructor(issuer: string, settings: Settings) {
    this.#issuer = issuer;
    this.#settings = settings;
    this.#pace = new Pace(settings.monotonic);
  }

  /** Resolves with the first key set; never rejects. */
  get loaded(): Promise<void> {
    return this.#firstLoad.promise;
  }

  get hasLoaded(): boolean {
    return this.#current !== undefined;
  }

  start(): void {
    this.#load().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    this.#request?.abort();
    clearTimeout(this.#timer);
  }

  /**
   * The keys to try for a token.
   *
   * @throws IssuerUnavailable when no key set is usable, or the one in which the key would be cannot be had
   * @throws TokenUntrusted when the issuer has no such key
   */
  async keysFor(algorithm: Algorithm, kid: unknown): Promise<readonly VerificationKey[]> {
    const keys = this.#usable() ?? (await this.#reload());
    const set = keys.knows(algorithm, kid) ? keys : await this.#newerThan(keys);
    const fitting = set.fitting(algorithm, kid);
    if (fitting.length === 0) throw new TokenUntrusted('the issuer has published no key that fits the token');
    return fitting;
  }

  #usable(): KeySet | undefined {
    if (this.#current === undefined) return undefined;
    const age = this.#settings.monotonic() - this.#current.loadedAt;
    if (age > REFRESH_AFTER && this.#pace.allows()) this.start(); // the timer was late
    return age <= SERVED_FOR ? this.#current.keys : undefined;
  }

  /** Within the cooldown after a successful load, what is not in the set is not the issuer's. */
  async #newerThan(keys: KeySet): Promise<KeySet> {
    if (this.#flight === undefined && !this.#pace.allows() && !this.#pace.failing) return keys;
    return this.#reload();
  }

  async #reload(): Promise<KeySet> {
    if (this.#flight === undefined && !this.#pace.allows()) throw this.#unavailable();
    try {
      return await (this.#flight ?? this.#load());
    } catch {
      throw this.#unavailable();
    }
  }

  #load(): Promise<KeySet> {
    this.#flight ??= this.#fetchKeys()
      .then((keys) => this.#keep(keys))
      .catch((cause: unknown) => {
        this.#failure = cause;
        this.#pace.failed();
        if (!this.#closed) this.#settings.onIssuerUnavailable?.(this.#unavailable());
        throw cause;
      })
      .finally(() => {
        this.#flight = undefined;
        this.#schedule();
      });
    return this.#flight;
  }

  #keep(keys: KeySet): KeySet {
    this.#current = { keys, loadedAt: this.#settings.monotonic() };
    this.#failure = undefined;
    this.#pace.succeeded();
    this.#firstLoad.resolve();
    return keys;
  }

  /** One deadline for headers, bodies and both documents. */
  async #fetchKeys(): Promise<KeySet> {
    if (this.#closed) throw new Error('the verifier is closed');
    const request = new AbortController();
    const deadline = setTimeout(
      () => request.abort(new Error('it did not answer in time')),
      this.#settings.requestTimeout,
    );
    deadline.unref();
    this.#request = request;
    try {
      return KeySet.from(await jsonDocument(await this.#jwksUri(request.signal), request.signal));
    } finally {
      clearTimeout(deadline);
    }
  }

  async #jwksUri(signal: AbortSignal): Promise<URL> {
    const { jwksUri, production, monotonic } = this.#settings;
    if (jwksUri !== undefined) return new URL(jwksUri);
    const known = this.#discovered;
    // After a failure the keys may have moved, so their place is asked for again.
    if (known !== undefined && !this.#pace.failing && monotonic() - known.at < REDISCOVER_AFTER)
      return known.jwksUri;
    const found = await discoverJwksUri(this.#issuer, production, signal);
    this.#discovered = { jwksUri: found, at: monotonic() };
    return found;
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.start(), this.#pace.untilNext());
    this.#timer.unref();
  }

  #unavailable(): IssuerUnavailable {
    const why = this.#failure instanceof Error ? this.#failure.message : 'its keys were not fetched yet';
    return new IssuerUnavailable(
      `the keys of the issuer "${this.#issuer}" cannot be had: ${why}`,
      this.#pace.retryAfter(),
      { cause: this.#failure },
    );
  }
}
