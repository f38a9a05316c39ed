import type { Algorithm } from '../algorithm.ts';
import { verificationKey, type VerificationKey } from './verification-key.ts';

const MAX_KEYS = 100;
/** How many keys a token without a `kid` may cost. */
const MAX_ATTEMPTS = 4;

/** The keys of one issuer at one time. A withdrawn key goes with the set that held it. */
export class KeySet {
  readonly #keys: ReadonlySet<VerificationKey>;
  readonly #byKid: ReadonlyMap<string | undefined, readonly VerificationKey[]>;
  /** Answers given before, of which there are as many as keys and algorithms. */
  readonly #fitting = new Map<Algorithm, Map<string | undefined, readonly VerificationKey[]>>();

  private constructor(keys: readonly VerificationKey[]) {
    this.#keys = new Set(keys);
    this.#byKid = Map.groupBy(this.#keys, ({ kid }) => kid);
  }

  /**
   * @param previous whose keys are taken over where the same is published again, so that what was verified with one
   *   of them stays so, and with no other
   * @throws Error when the document is no key set (RFC 7517 5), is too large, or has no usable key
   */
  static from(document: Readonly<Record<string, unknown>>, previous?: KeySet): KeySet {
    const published = document['keys'];
    if (!Array.isArray(published)) throw new Error('its key set has no list of keys');
    if (published.length > MAX_KEYS) throw new Error(`its key set has more than ${MAX_KEYS} keys`);
    const known = new Map(
      previous === undefined ? [] : Array.from(previous.#keys, (key) => [key.spelling, key]),
    );
    const keys = published
      .map((jwk) => known.get(JSON.stringify(jwk)) ?? verificationKey(jwk))
      .filter((key) => key !== undefined);
    if (keys.length === 0) throw new Error('its key set has no usable key');
    return new KeySet(keys);
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: VerificationKey): boolean {
    return this.#keys.has(key);
  }

  /** Whether a key that this token could mean is here at all. */
  knows(algorithm: Algorithm, kid: string | undefined): boolean {
    return kid === undefined ? this.fitting(algorithm, kid).length > 0 : this.#byKid.has(kid);
  }

  /** The keys to try: those that fit the algorithm, and carry the `kid` if the token names one. */
  fitting(algorithm: Algorithm, kid: string | undefined): readonly VerificationKey[] {
    const known = this.#fitting.get(algorithm)?.get(kid);
    if (known !== undefined) return known;
    const named = kid === undefined ? [...this.#keys] : (this.#byKid.get(kid) ?? []);
    const fitting = named.filter((key) => key.algorithms.has(algorithm)).slice(0, MAX_ATTEMPTS);
    if (fitting.length > 0) this.#remember(algorithm, kid, fitting);
    return fitting;
  }

  #remember(algorithm: Algorithm, kid: string | undefined, fitting: readonly VerificationKey[]): void {
    const ofAlgorithm = this.#fitting.get(algorithm) ?? new Map<string | undefined, typeof fitting>();
    this.#fitting.set(algorithm, ofAlgorithm.set(kid, fitting));
  }
}
