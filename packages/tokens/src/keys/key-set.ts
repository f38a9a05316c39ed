import type { Algorithm } from '../algorithm.ts';
import { verificationKey, type VerificationKey } from './verification-key.ts';

const MAX_KEYS = 100;
/** How many keys a token without a `kid` may cost. */
const MAX_ATTEMPTS = 4;

/** The keys of one issuer at one time. A withdrawn key goes with the set that held it. */
export class KeySet {
  readonly #keys: readonly VerificationKey[];

  private constructor(keys: readonly VerificationKey[]) {
    this.#keys = keys;
  }

  /** @throws Error when the document is no key set (RFC 7517 5), is too large, or has no usable key */
  static from(document: unknown): KeySet {
    const published =
      typeof document === 'object' && document !== null && 'keys' in document && document.keys;
    if (!Array.isArray(published)) throw new Error('its key set has no list of keys');
    if (published.length > MAX_KEYS) throw new Error(`its key set has more than ${MAX_KEYS} keys`);
    const keys = published.map(verificationKey).filter((key) => key !== undefined);
    if (keys.length === 0) throw new Error('its key set has no usable key');
    return new KeySet(keys);
  }

  /** Whether a key that this token could mean is here at all. */
  knows(algorithm: Algorithm, kid: unknown): boolean {
    return kid === undefined
      ? this.fitting(algorithm, kid).length > 0
      : this.#keys.some((key) => key.kid === kid);
  }

  /** The keys to try: those that fit the algorithm, and carry the `kid` if the token names one. */
  fitting(algorithm: Algorithm, kid: unknown): readonly VerificationKey[] {
    return this.#keys
      .filter((key) => key.algorithms.has(algorithm) && (kid === undefined || key.kid === kid))
      .slice(0, MAX_ATTEMPTS);
  }
}
