import type { ReplayStore } from '../../src/dpop/replay-store.ts';

/** A store as the port asks for: one step, which nothing can come between. */
export class MemoryStore implements ReplayStore {
  readonly kept = new Map<string, number>();

  remember(key: string, expiresAt: number): boolean {
    if (this.kept.has(key)) return false;
    this.kept.set(key, expiresAt);
    return true;
  }

  /** As a store that keeps nothing longer than it must. */
  forget(now: number): void {
    for (const [key, expiresAt] of this.kept) if (now > expiresAt) this.kept.delete(key);
  }
}
