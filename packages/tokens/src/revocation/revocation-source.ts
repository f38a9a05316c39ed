import type { Revocation } from './revocation.ts';

/** How far a reader has come in a log of revocations. */
export interface RevocationPosition {
  /** Of this copy of the log. Another one (a restored backup, an emptied store) makes every number meaningless. */
  readonly incarnation: string;
  /** Of the last revocation read; they are numbered in the order of their commits, without gaps in what is read. */
  readonly number: number;
}

export interface RevocationNews {
  /** Up to where this answer is complete. */
  readonly position: RevocationPosition;
  /** Whether `revocations` is all that is in force, so that what was known before is to be dropped. */
  readonly snapshot: boolean;
  readonly revocations: readonly Revocation[];
  /** Milliseconds by which the answer was out of date when it was given: of a copy that follows another. Default 0. */
  readonly age?: number;
}

/** Where a deny-list learns of revocations. The port; whoever keeps the facts implements it. */
export interface RevocationSource {
  /**
   * @param after what the reader has; undefined for a reader that has nothing. A position of another
   *   incarnation, or one that the log was trimmed beyond, is answered with a snapshot.
   * @param signal ends the call; an implementation need not set time limits of its own
   * @returns what is right in every part: a deny-list takes anything else for a reading that failed
   */
  read(after: RevocationPosition | undefined, signal: AbortSignal): Promise<RevocationNews>;
  /**
   * Calls `wake` when there may be news, at most a hint: reading follows, and goes on every few seconds without it.
   *
   * @returns a function that ends it
   */
  onNews?(wake: () => void): () => void;
}
