import type { Algorithm } from './algorithm.ts';
import type { Authentication } from './authentication.ts';
import {
  checkRequest,
  checkStanding,
  examine,
  type Finding,
  type RequestChecks,
  type Trust,
} from './checks.ts';
import type { Credential } from './credential.ts';
import { DpopCheck } from './dpop/dpop-check.ts';
import { TokenUntrusted, VerificationError } from './errors.ts';
import { issuersFrom } from './issuers/issuers.ts';
import type { TrustedIssuer } from './issuers/trusted-issuer.ts';
import type { VerificationKey } from './keys/verification-key.ts';
import { careful } from './observer.ts';
import { amount } from './option-values.ts';
import type { Surroundings } from './surroundings.ts';
import { VerdictCache, type Verdict } from './verdicts/verdict-cache.ts';
import { VerifiedHeader } from './verdicts/verified-header.ts';
import type { VerifierOptions } from './verifier-options.ts';

export interface Verifier {
  /**
   * At once when the token was verified before and nothing has to be waited for; it then throws at once, too.
   *
   * @throws CredentialError when the credential is wrong (401-class)
   * @throws VerificationUnavailable when nothing can be said about it now (503-class)
   */
  verify(credential: Credential): Authentication | Promise<Authentication>;
  /**
   * What `verify` answers or throws, for a token that was verified before; undefined for any other. A host need not
   * judge the grammar of what is recalled.
   */
  recall(credential: Credential): Authentication | Promise<Authentication> | undefined;
  /**
   * Whether what this verifier verified before still holds, for a connection that outlives its request: expiry and
   * revocation, that its issuer is trusted, and that `reloadKeys` was not called since. At once unless the issuer has to
   * be resolved.
   *
   * @throws CredentialError when it does not
   * @throws VerificationUnavailable when that cannot be told now
   */
  recheck(authentication: Authentication): void | Promise<void>;
  /**
   * Calls the listener after revocations came; never without a deny-list.
   *
   * @returns a function that ends it
   */
  onRevocations(listener: () => void): () => void;
  /** How DPoP is taken; undefined when it is not. */
  readonly dpop: { readonly algorithms: readonly Algorithm[]; readonly required: boolean } | undefined;
  /** The nonce to offer for the next DPoP proof; undefined when none is demanded. */
  dpopNonce(): string | undefined;
  /**
   * Resolves once each issuer's key set was fetched once and the deny-list has its first snapshot; retries in the
   * background until then. Never rejects.
   */
  ready(): Promise<void>;
  /** Whether `ready` has been. Stays true through a later outage. */
  isReady(): boolean;
  /** For an emergency at an issuer: drops every key and every verdict at once, and fetches the key sets anew. */
  reloadKeys(): Promise<void>;
  /** Stops every fetch and timer. A verifier that was never ready does not become so any more. */
  close(): void;
}

/**
 * Builds a verifier and starts to fetch the issuers' keys. Build it once, not per request.
 *
 * ```ts
 * const verifier = createVerifier({ issuer: 'https://login.example/', audience: 'https://menu.example' });
 * const { subject } = await verifier.verify({ scheme: 'bearer', token });
 * ```
 *
 * @throws TypeError naming the option that is absent or wrong
 */
export function createVerifier(options: VerifierOptions): Verifier {
  return new CachingVerifier(options);
}

class CachingVerifier implements Verifier {
  readonly #surroundings: Surroundings;
  readonly #verdicts: VerdictCache;
  readonly #checks: RequestChecks;
  readonly #trust: Trust;
  readonly #hearsRefusals: boolean;
  /** What was verified by the keys of now, with which of them. */
  #verified = new WeakMap<Authentication, VerificationKey | undefined>();

  constructor(options: VerifierOptions) {
    const { production = false, requestTimeout = 5000, now = Date.now, denyList, dpop } = options;
    if (denyList !== undefined && typeof denyList.check !== 'function') {
      throw new TypeError('"denyList" must be what createDenyList() makes: a source alone checks nothing');
    }
    const observers = [options.observer ?? []].flat();
    this.#hearsRefusals = observers.some((one) => one.refused !== undefined);
    this.#surroundings = {
      production,
      requestTimeout: amount('requestTimeout', 'milliseconds', requestTimeout, 1, 60_000),
      observer: careful(observers),
      now,
      monotonic: options.now ?? (() => performance.now()),
    };
    this.#verdicts = new VerdictCache(options.verdictCache);
    this.#checks = {
      denyList,
      dpop:
        dpop &&
        new DpopCheck(dpop, { now }, amount('clockTolerance', 'seconds', options.clockTolerance ?? 5, 0, 60)),
    };
    this.#trust = {
      issuers: issuersFrom(options, this.#surroundings),
      header: new VerifiedHeader(),
      now: () => now() / 1000,
    };
  }

  verify(credential: Credential): Authentication | Promise<Authentication> {
    return this.recall(credential) ?? this.#verifyAnew(credential);
  }

  recall(credential: Credential): Authentication | Promise<Authentication> | undefined {
    const { token } = credential;
    const verdict = typeof token === 'string' ? this.#verdicts.get(token) : undefined;
    if (verdict === undefined || !this.#stands(verdict)) return undefined;
    try {
      return this.#watched(this.#admitted(verdict, credential, undefined));
    } catch (error) {
      throw this.#refused(error);
    }
  }

  #verifyAnew(credential: Credential): Authentication | Promise<Authentication> {
    const started = performance.now();
    const verified = this.#verified; // a token that is examined while the keys are dropped counts as an old one
    try {
      return this.#watched(
        examine(credential, this.#trust, (found) => {
          // Remembered even if this request does not get through: a wrong proof says nothing about the token.
          this.#remember(credential.token, found);
          verified.set(found.authentication, found.key);
          return this.#admitted(found, credential, started);
        }),
      );
    } catch (error) {
      return Promise.reject(this.#refused(error));
    }
  }

  /** A promise more for each token only where somebody wants to hear of those refused. */
  #watched(answer: Authentication | Promise<Authentication>): Authentication | Promise<Authentication> {
    if (!(answer instanceof Promise) || !this.#hearsRefusals) return answer;
    return answer.catch((error: unknown) => {
      throw this.#refused(error);
    });
  }

  /** @param started when its verification began; undefined for a token that was verified before */
  #admitted(
    found: Finding,
    credential: Credential,
    started: number | undefined,
  ): Authentication | Promise<Authentication> {
    const { authentication } = found;
    const waiting = checkRequest(found, credential, this.#checks, this.#trust.now());
    if (waiting !== undefined) return this.#admittedAfter(waiting, authentication, started);
    this.#tellVerified(authentication, started);
    return authentication;
  }

  async #admittedAfter(
    waiting: Promise<void>,
    authentication: Authentication,
    started: number | undefined,
  ): Promise<Authentication> {
    await waiting;
    this.#tellVerified(authentication, started);
    return authentication;
  }

  #tellVerified(authentication: Authentication, started: number | undefined): void {
    const milliseconds = started === undefined ? undefined : performance.now() - started;
    this.#surroundings.observer.verified(authentication, started === undefined, milliseconds);
  }

  #stands({ goodUntil, issuer, key }: Verdict): boolean {
    if (this.#surroundings.monotonic() >= goodUntil) return false;
    return key === undefined || (issuer.keys?.holds(key) ?? false);
  }

  #remember(token: string, { authentication, issuer, key }: Finding): void {
    const maxAge = key === undefined ? (issuer.introspector?.maxAge ?? 0) : this.#verdicts.maxAge;
    if (maxAge === 0) return;
    const goodUntil = this.#surroundings.monotonic() + maxAge;
    this.#verdicts.set({ token, authentication, issuer, key, goodUntil });
  }

  #refused(error: unknown): unknown {
    if (error instanceof VerificationError) this.#surroundings.observer.refused(error);
    return error;
  }

  recheck(authentication: Authentication): void | Promise<void> {
    if (!this.#verified.has(authentication))
      throw new TokenUntrusted('the keys were dropped since the token was verified: it is to be sent again');
    const key = this.#verified.get(authentication);
    const check = (issuer: TrustedIssuer): void =>
      checkStanding({ authentication, issuer, key }, this.#checks, this.#trust.now());
    const issuer = this.#trust.issuers.named(authentication.issuer);
    return issuer instanceof Promise ? issuer.then(check) : check(issuer);
  }

  onRevocations(listener: () => void): () => void {
    return this.#checks.denyList?.onNews?.(listener) ?? (() => undefined);
  }

  get dpop(): Verifier['dpop'] {
    return this.#checks.dpop;
  }

  dpopNonce(): string | undefined {
    return this.#checks.dpop?.nonce();
  }

  async ready(): Promise<void> {
    await Promise.all([
      ...this.#trust.issuers.all().map((issuer) => issuer.ready()),
      this.#checks.denyList?.ready(),
    ]);
  }

  isReady(): boolean {
    return (
      this.#trust.issuers.all().every(({ isReady }) => isReady) && (this.#checks.denyList?.isReady() ?? true)
    );
  }

  async reloadKeys(): Promise<void> {
    this.#verdicts.clear();
    this.#verified = new WeakMap();
    await Promise.all(this.#trust.issuers.all().map((issuer) => issuer.purgeKeys()));
  }

  close(): void {
    this.#trust.issuers.close();
  }
}
