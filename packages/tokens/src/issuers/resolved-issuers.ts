import { IssuerUnavailable, type ErrorDetail, type VerificationError } from '../errors.ts';
import { trustedIssuerUrl } from '../keys/trusted-url.ts';
import { untrustedIssuer } from '../rules/iss.rule.ts';
import type { Surroundings } from '../surroundings.ts';
import type { IssuerOptions, IssuerResolver } from './issuer-options.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import type { Issuers } from './issuers.ts';
import { TrustedIssuer } from './trusted-issuer.ts';

const MAX_TRUSTED = 100;
const MAX_UNTRUSTED = 1000;
/** Milliseconds that a "no" is kept. */
const UNTRUSTED_FOR = 60_000;
/** Questions to the resolver under way at once: anybody can make up names. */
const MAX_QUESTIONS = 32;

/** Issuers that a function answers for, the ones in use kept. */
export class ResolvedIssuers implements Issuers {
  readonly ofOpaqueTokens = undefined;
  readonly ofAllTokens = undefined;
  readonly #resolve: IssuerResolver;
  readonly #settingsOf: (options: IssuerOptions) => readonly IssuerSettings[];
  readonly #surroundings: Surroundings;
  /** The one unused for longest stands first. */
  readonly #known = new Map<string, TrustedIssuer>();
  readonly #refusedAt = new Map<string, number>();
  readonly #questions = new Map<string, Promise<TrustedIssuer>>();
  #closed = false;

  constructor(
    resolve: IssuerResolver,
    settingsOf: (options: IssuerOptions) => readonly IssuerSettings[],
    surroundings: Surroundings,
  ) {
    this.#resolve = resolve;
    this.#settingsOf = settingsOf;
    this.#surroundings = surroundings;
  }

  named(issuer: string): TrustedIssuer | Promise<TrustedIssuer> {
    const known = this.#known.get(issuer);
    if (known === undefined) return this.#asked(issuer);
    this.#known.delete(issuer);
    this.#known.set(issuer, known);
    return known;
  }

  all(): readonly TrustedIssuer[] {
    return [...this.#known.values()];
  }

  close(): void {
    this.#closed = true;
    for (const issuer of this.#known.values()) issuer.close();
  }

  async #asked(issuer: string): Promise<TrustedIssuer> {
    if (!this.#couldBeTrusted(issuer)) throw untrustedIssuer();
    const refusedAt = this.#refusedAt.get(issuer);
    if (refusedAt !== undefined && this.#surroundings.monotonic() - refusedAt < UNTRUSTED_FOR) {
      throw untrustedIssuer();
    }
    const running = this.#questions.get(issuer);
    if (running !== undefined) return running;
    if (this.#questions.size >= MAX_QUESTIONS) throw unavailable('too many issuers are being asked about');
    const question = this.#ask(issuer).finally(() => this.#questions.delete(issuer));
    this.#questions.set(issuer, question);
    return question;
  }

  /** What could not be configured is not asked about either: a resolver may say yes to any name. */
  #couldBeTrusted(issuer: string): boolean {
    try {
      trustedIssuerUrl(issuer, this.#surroundings.production);
      return true;
    } catch {
      return false;
    }
  }

  async #ask(issuer: string): Promise<TrustedIssuer> {
    const settings = await this.#settingsFor(issuer);
    if (this.#closed) throw unavailable('the verifier is closed');
    if (settings === undefined) {
      remember(this.#refusedAt, issuer, this.#surroundings.monotonic(), MAX_UNTRUSTED);
      throw untrustedIssuer();
    }
    const trusted = new TrustedIssuer(settings, this.#surroundings, false);
    trusted.start();
    remember(this.#known, issuer, trusted, MAX_TRUSTED)?.close();
    return trusted;
  }

  /** What is wrong here is never the caller's fault. */
  async #settingsFor(issuer: string): Promise<IssuerSettings | undefined> {
    try {
      const options = await this.#answerAbout(issuer);
      return options ? this.#settingsOf(options).find((one) => one.issuer === issuer) : undefined;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'it threw no Error';
      throw unavailable('the resolver of issuers failed', {
        cause,
        hint: `The function "issuer": ${reason}`,
      });
    }
  }

  async #answerAbout(issuer: string): Promise<IssuerOptions | undefined> {
    const { requestTimeout } = this.#surroundings;
    const deadline = Promise.withResolvers<never>();
    const timer = setTimeout(() => deadline.reject(new Error('it did not answer in time')), requestTimeout);
    timer.unref();
    try {
      return await Promise.race([this.#resolve(issuer), deadline.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function unavailable(why: string, detail?: ErrorDetail): VerificationError {
  return new IssuerUnavailable(`it cannot be told whether the token's issuer is trusted: ${why}`, 1, detail);
}

/** @returns what had to go to make room */
function remember<Value>(
  map: Map<string, Value>,
  key: string,
  value: Value,
  most: number,
): Value | undefined {
  map.delete(key);
  const [oldest] = map;
  map.set(key, value);
  if (map.size <= most || oldest === undefined) return undefined;
  map.delete(oldest[0]);
  return oldest[1];
}
