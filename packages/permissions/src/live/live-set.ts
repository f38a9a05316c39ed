import { FrozenSet } from '@portcullis/tokens';
import type { ChangePosition } from '../feed/change-position.ts';

/** What somebody may do, as it was answered once. */
export interface LiveSet {
  readonly names: ReadonlySet<string>;
  readonly position: ChangePosition | undefined;
  /** By the monotonic clock, when it was asked for. */
  readonly askedAt: number;
}

export function liveSet(
  permissions: readonly string[],
  position: ChangePosition | undefined,
  askedAt: number,
): LiveSet {
  return Object.freeze({ names: new FrozenSet(permissions), position, askedAt });
}

/** Answers at most; of more, those that were not asked for lately are forgotten, and asked for again. */
export class RememberedSets {
  readonly #most: number;
  #young = new Map<string, LiveSet>();
  #old = new Map<string, LiveSet>();

  constructor(most: number) {
    this.#most = most / 2;
  }

  get(key: string): LiveSet | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, set: LiveSet): void {
    this.#young.set(key, set);
    if (this.#young.size < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}
