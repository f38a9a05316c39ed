import type { Claims } from '../claims.ts';
import { IntrospectionLimited, IssuerUnavailable, TokenInactive, type ErrorDetail } from '../errors.ts';
import type { IssuerMetadata } from '../issuers/issuer-metadata.ts';
import { jsonDocument, UnexpectedStatus } from '../keys/json-document.ts';
import { amount } from '../option-values.ts';
import type { Surroundings } from '../surroundings.ts';
import { AddressBudget } from './address-budget.ts';
import { clientAuthentication, type Authenticate } from './client-authentication.ts';
import type { IntrospectionOptions } from './introspection-options.ts';

interface Origin {
  readonly issuer: string;
  readonly introspection: IntrospectionOptions;
  readonly metadata: IssuerMetadata;
}

/** Seconds, when the endpoint does not say. */
const RETRY_AFTER = 2;
const LONGEST_RETRY_AFTER = 60;

/** RFC 9110 15.5.5, 15.5.11: nothing is here any more. */
const GONE = [404, 410];

/** Asks one issuer about its tokens (RFC 7662). */
export class Introspector {
  /** Milliseconds that an active answer serves again. */
  readonly maxAge: number;
  readonly #origin: Origin;
  readonly #surroundings: Surroundings;
  readonly #authenticate: Authenticate;
  readonly #maxConcurrent: number;
  readonly #budget: AddressBudget;
  /** One question at a time about one token, however many ask. */
  readonly #flights = new Map<string, Promise<Claims>>();
  readonly #closing = new AbortController();
  #purges = 0;

  /** @throws TypeError naming the option that is wrong */
  constructor(origin: Origin, surroundings: Surroundings) {
    const { maxAge = 30, maxConcurrent = 32, perAddress = 120, authentication } = origin.introspection;
    this.maxAge = amount('introspection.maxAge', 'seconds', maxAge, 0, 300) * 1000;
    this.#maxConcurrent = amount('introspection.maxConcurrent', 'introspections', maxConcurrent, 1, 10_000);
    this.#budget = new AddressBudget(
      amount('introspection.perAddress', 'introspections', perAddress, 1, 1_000_000),
      surroundings.monotonic,
    );
    this.#authenticate = clientAuthentication(authentication, origin.issuer);
    this.#origin = origin;
    this.#surroundings = surroundings;
  }

  close(): void {
    this.#closing.abort(new Error('the verifier is closed'));
  }

  /** What is being asked is asked again: the answer may be older than the emergency. */
  purge(): void {
    this.#purges++;
  }

  /**
   * What the issuer says of an active token; frozen, as it was sent.
   *
   * @param address who sent the token, to bound how many unknown ones come from there; undefined when that is not known
   * @throws TokenInactive
   * @throws IssuerUnavailable when the answer cannot be had or is none
   * @throws IntrospectionLimited
   */
  async introspect(token: string, address: string | undefined): Promise<Claims> {
    const running = this.#flights.get(token);
    if (running !== undefined) return running;
    if (this.#flights.size >= this.#maxConcurrent) {
      throw this.#unavailable('too many introspections are under way', 1);
    }
    const wait = address === undefined ? 0 : this.#budget.wait(address);
    if (wait > 0) throw new IntrospectionLimited('too many unknown tokens came from this address', wait);
    const flight = this.#ask(token, address).finally(() => this.#flights.delete(token));
    this.#flights.set(token, flight);
    return flight;
  }

  async #ask(token: string, address: string | undefined): Promise<Claims> {
    const { monotonic, observer } = this.#surroundings;
    const started = monotonic();
    let purges: number;
    let answer: Claims;
    do {
      purges = this.#purges;
      answer = await this.#answerAbout(token);
    } while (purges !== this.#purges);
    if (typeof answer['active'] !== 'boolean') {
      throw this.#unavailable('its introspection endpoint answered something else', RETRY_AFTER);
    }
    observer.introspected(this.#origin.issuer, answer['active'], monotonic() - started);
    // RFC 7662 2.2: whatever else an inactive answer says is about nothing.
    if (answer['active']) return answer;
    if (address !== undefined) this.#budget.charge(address);
    throw new TokenInactive();
  }

  async #answerAbout(token: string): Promise<Claims> {
    const signal = AbortSignal.any([
      AbortSignal.timeout(this.#surroundings.requestTimeout),
      this.#closing.signal,
    ]);
    try {
      const endpoint = await this.#endpoint(signal);
      const { headers, parameters } = await this.#authenticate();
      // RFC 7662 2.1: a form; a query would leave the token in the logs of others.
      const body = new URLSearchParams({ token, token_type_hint: 'access_token', ...parameters });
      return await jsonDocument(endpoint, signal, { method: 'POST', headers, body });
    } catch (cause) {
      if (cause instanceof UnexpectedStatus && !GONE.includes(cause.status)) throw this.#refused(cause);
      this.#origin.metadata.forget();
      throw this.#unavailable(cause instanceof Error ? cause.message : 'it did not answer', RETRY_AFTER, {
        cause,
      });
    }
  }

  async #endpoint(signal: AbortSignal): Promise<URL> {
    const { introspection, metadata } = this.#origin;
    if (introspection.endpoint !== undefined) return new URL(introspection.endpoint);
    return (await metadata.read(signal)).introspectionEndpoint();
  }

  #refused(cause: UnexpectedStatus): IssuerUnavailable {
    const retryAfter = Math.min(Math.max(cause.retryAfter ?? RETRY_AFTER, 1), LONGEST_RETRY_AFTER);
    return this.#unavailable(cause.message, retryAfter, {
      cause,
      ...([400, 401, 403].includes(cause.status)
        ? {
            hint: 'It refuses this API itself: check "introspection.authentication" and that the client may introspect.',
          }
        : {}),
    });
  }

  #unavailable(why: string, retryAfter: number, detail?: ErrorDetail): IssuerUnavailable {
    return new IssuerUnavailable(
      `the issuer "${this.#origin.issuer}" cannot be asked about a token: ${why}`,
      retryAfter,
      detail,
    );
  }
}
