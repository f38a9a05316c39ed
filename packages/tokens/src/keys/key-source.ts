import type { Algorithm } from '../algorithm.ts';
import { IssuerUnavailable, TokenUntrusted } from '../errors.ts';
import type { IssuerMetadata } from '../issuers/issuer-metadata.ts';
import type { Surroundings } from '../surroundings.ts';
import { jsonDocument } from './json-document.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { KeySet } from './key-set.ts';
import { Pace, REFRESH_AFTER, SERVED_FOR } from './pace.ts';
import type { VerificationKey } from './verification-key.ts';

interface Origin {
  readonly issuer: string;
  /** Undefined: where the metadata say. */
  readonly jwksUri: string | undefined;
  readonly metadata: IssuerMetadata;
}

/** One issuer's keys, kept fresh off the request's path. Never shared between verifiers or issuers. */
export class KeySource implements IssuerKeys {
  readonly #origin: Origin;
  readonly #surroundings: Surroundings;
  readonly #pace: Pace;
  readonly #firstLoad = Promise.withResolvers<void>();
  #current: { readonly keys: KeySet; readonly loadedAt: number } | undefined;
  #flight: Promise<KeySet> | undefined;
  #failure: unknown;
  #timer: NodeJS.Timeout | undefined;
  #request: AbortController | undefined;
  /** How often everything was dropped: what was asked for before the last time must not come back. */
  #purges = 0;
  #closed = false;

  constructor(origin: Origin, surroundings: Surroundings) {
    this.#origin = origin;
    this.#surroundings = surroundings;
    this.#pace = new Pace(surroundings.monotonic);
  }

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

  /** Drops every key at once and fetches the set anew: until it comes, nothing of this issuer passes. */
  async purge(): Promise<void> {
    this.#purges++;
    this.#current = undefined;
    this.#origin.metadata.forget();
    this.#request?.abort(new Error('its keys were dropped meanwhile'));
    await this.#load().catch(() => undefined);
  }

  holds(key: VerificationKey): boolean {
    return this.#usable()?.has(key) ?? false;
  }

  keysFor(
    algorithm: Algorithm,
    kid: string | undefined,
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]> {
    const keys = this.#usable();
    return keys?.knows(algorithm, kid) ? fitting(keys, algorithm, kid) : this.#keysFetchedFor(algorithm, kid);
  }

  async newerKeysFor(
    algorithm: Algorithm,
    tried: readonly VerificationKey[],
  ): Promise<readonly VerificationKey[]> {
    const keys = this.#usable() ?? (await this.#reload());
    const newer = await this.#newerThan(keys);
    return newer.fitting(algorithm, undefined).filter((key) => !tried.includes(key));
  }

  async #keysFetchedFor(algorithm: Algorithm, kid: string | undefined): Promise<readonly VerificationKey[]> {
    const keys = this.#usable() ?? (await this.#reload());
    return fitting(keys.knows(algorithm, kid) ? keys : await this.#newerThan(keys), algorithm, kid);
  }

  #usable(): KeySet | undefined {
    if (this.#current === undefined) return undefined;
    const age = this.#surroundings.monotonic() - this.#current.loadedAt;
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
    this.#flight ??= this.#fly();
    return this.#flight;
  }

  /** What was under way at a purge may have been read before the withdrawal, and is read again for all who wait. */
  async #fly(): Promise<KeySet> {
    let purges: number;
    let outcome: PromiseSettledResult<KeySet>;
    do {
      purges = this.#purges;
      [outcome] = await Promise.allSettled([this.#fetchKeys()]);
    } while (purges !== this.#purges);
    this.#flight = undefined;
    if (outcome.status === 'fulfilled') this.#keep(outcome.value);
    else this.#fail(outcome.reason);
    this.#schedule();
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  #keep(keys: KeySet): void {
    this.#current = { keys, loadedAt: this.#surroundings.monotonic() };
    this.#failure = undefined;
    this.#pace.succeeded();
    this.#firstLoad.resolve();
  }

  #fail(cause: unknown): void {
    this.#failure = cause;
    this.#pace.failed();
    this.#origin.metadata.forget();
    if (!this.#closed) this.#surroundings.observer.keysFailed(this.#unavailable());
  }

  /** One deadline for headers, bodies and both documents. */
  async #fetchKeys(): Promise<KeySet> {
    if (this.#closed) throw new Error('the verifier is closed');
    const { monotonic, observer, requestTimeout } = this.#surroundings;
    const started = monotonic();
    const request = new AbortController();
    const deadline = setTimeout(() => request.abort(new Error('it did not answer in time')), requestTimeout);
    deadline.unref();
    this.#request = request;
    try {
      const document = await jsonDocument(await this.#jwksUri(request.signal), request.signal);
      const keys = KeySet.from(document, this.#current?.keys);
      observer.keysLoaded(this.#origin.issuer, keys.size, monotonic() - started);
      return keys;
    } finally {
      clearTimeout(deadline);
    }
  }

  async #jwksUri(signal: AbortSignal): Promise<URL> {
    const { jwksUri, metadata } = this.#origin;
    return jwksUri === undefined ? (await metadata.read(signal)).jwksUri() : new URL(jwksUri);
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
      `the keys of the issuer "${this.#origin.issuer}" cannot be had: ${why}`,
      this.#pace.retryAfter(),
      { cause: this.#failure },
    );
  }
}

function fitting(keys: KeySet, algorithm: Algorithm, kid: string | undefined): readonly VerificationKey[] {
  const found = keys.fitting(algorithm, kid);
  if (found.length === 0) throw new TokenUntrusted('the issuer has published no key that fits the token');
  return found;
}
