import type { KeyObject } from 'node:crypto';
import { verificationKey } from '../keys/verification-key.ts';
import type { ProofKey } from './proof-key.ts';

/**
 * Imported keys by their thumbprints: importing one takes longer than to check a signature with it. In two
 * generations: when the young one is full it becomes the old one, and what that held and nobody used is gone.
 */
export class KeyCache {
  readonly #generation: number;
  #young = new Map<string, KeyObject>();
  #old = new Map<string, KeyObject>();

  /** @param generation how many keys one generation holds; default 1000, so 2000 at most in all */
  constructor(generation = 1000) {
    this.#generation = generation;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The key, or undefined when it is none that may check signatures, or a weak one. */
  get(thumbprint: string, jwk: ProofKey): KeyObject | undefined {
    const young = this.#young.get(thumbprint);
    if (young !== undefined) return young;
    const key = this.#old.get(thumbprint) ?? verificationKey(jwk)?.key;
    if (key !== undefined) this.#remember(thumbprint, key);
    return key;
  }

  #remember(thumbprint: string, key: KeyObject): void {
    if (this.#young.size >= this.#generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(thumbprint, key);
  }
}
