import type { Authentication } from '../authentication.ts';
import type { TrustedIssuer } from '../issuers/trusted-issuer.ts';
import type { VerificationKey } from '../keys/verification-key.ts';
import { amount } from '../option-values.ts';

export interface VerdictCacheOptions {
  /** Seconds that a verified JWT is not verified again, within its `exp`. Default 300, at most 600; 0 verifies each time. */
  readonly maxAge?: number;
  /** Tokens at most. Default 10,000, 2 to 10,000,000. */
  readonly maxEntries?: number;
  /** Bytes at most, as estimated from the tokens' length. Default 32 MiB, at least 1024. */
  readonly maxBytes?: number;
}

/** That a token was once found good: its signature and static claims, and nothing that may change with a request. */
export interface Verdict {
  readonly token: string;
  readonly authentication: Authentication;
  readonly issuer: TrustedIssuer;
  /** The key that verified it; undefined when the issuer was asked. */
  readonly key: VerificationKey | undefined;
  /** Milliseconds on the monotonic clock. */
  readonly goodUntil: number;
}

/** Characters from the end of a token to find it by: of a signature, so nobody can choose them (decision 10). */
const TAIL = 32;
/** Rough size of an entry beside its token: claims are about three times their text. */
const BYTES_PER_CHARACTER = 4;
const BYTES_PER_ENTRY = 1000;

/**
 * Verdicts of one verifier, in two generations: what was not asked for while a whole generation filled up is forgotten.
 * Only good tokens come in, so nobody can fill it who cannot have tokens issued.
 */
export class VerdictCache {
  readonly maxAge: number;
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #young = new Map<string, Verdict>();
  #old = new Map<string, Verdict>();
  #bytes = 0;

  /** @throws TypeError naming the option that is wrong */
  constructor({ maxAge = 300, maxEntries = 10_000, maxBytes = 32 * 1024 * 1024 }: VerdictCacheOptions = {}) {
    this.maxAge = amount('verdictCache.maxAge', 'seconds', maxAge, 0, 600) * 1000;
    this.#maxEntries = amount('verdictCache.maxEntries', 'tokens', maxEntries, 2, 10_000_000) / 2;
    this.#maxBytes = amount('verdictCache.maxBytes', 'bytes', maxBytes, 1024, 2 ** 40) / 2;
  }

  /** The verdict on exactly this token. The whole of it is compared: its tail only finds it. */
  get(token: string): Verdict | undefined {
    const tail = token.slice(-TAIL);
    const young = this.#young.get(tail);
    if (young !== undefined) return young.token === token ? young : undefined;
    const old = this.#old.get(tail);
    if (old === undefined || old.token !== token) return undefined;
    this.set(old);
    return old;
  }

  set(verdict: Verdict): void {
    const tail = verdict.token.slice(-TAIL);
    const replaced = this.#young.get(tail);
    this.#bytes += bytesOf(verdict.token) - (replaced === undefined ? 0 : bytesOf(replaced.token));
    this.#young.set(tail, verdict);
    if (this.#young.size < this.#maxEntries && this.#bytes < this.#maxBytes) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#bytes = 0;
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#bytes = 0;
  }
}

function bytesOf(token: string): number {
  return token.length * BYTES_PER_CHARACTER + BYTES_PER_ENTRY;
}
