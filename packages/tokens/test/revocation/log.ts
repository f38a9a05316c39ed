import type { Revocation, RevocationNews, RevocationPosition, RevocationSource } from '@portcullis/tokens';

type Reading = (after: RevocationPosition | undefined, signal: AbortSignal) => Promise<RevocationNews>;

/** A log of revocations in the hands of a test: it says what a test wants it to, when it wants it to. */
export class Log implements RevocationSource {
  incarnation = 'one';
  /** What the next readings answer instead; undefined for the truth. */
  answer: Reading | undefined;
  /** Reads after a position below it are answered with a snapshot. */
  trimmedUpTo = 0;
  readonly asked: (RevocationPosition | undefined)[] = [];
  readonly #entries: Revocation[] = [];
  readonly #wakes = new Set<() => void>();

  deny(...revocations: readonly Revocation[]): void {
    this.#entries.push(...revocations);
    this.wake();
  }

  /** As if nobody had been told. */
  denySilently(...revocations: readonly Revocation[]): void {
    this.#entries.push(...revocations);
  }

  wake(): void {
    for (const wake of this.#wakes) wake();
  }

  get listeners(): number {
    return this.#wakes.size;
  }

  /** Everything so far is gone, as in a store that was emptied or a backup from before. */
  beginAnew(incarnation: string): void {
    this.incarnation = incarnation;
    this.#entries.length = 0;
  }

  read(after: RevocationPosition | undefined, signal: AbortSignal): Promise<RevocationNews> {
    this.asked.push(after);
    return this.answer?.(after, signal) ?? this.truth(after);
  }

  async truth(after: RevocationPosition | undefined): Promise<RevocationNews> {
    const known =
      after?.incarnation === this.incarnation && after.number >= this.trimmedUpTo ? after.number : undefined;
    return {
      position: { incarnation: this.incarnation, number: this.#entries.length },
      snapshot: known === undefined,
      revocations: this.#entries.slice(known ?? 0),
    };
  }

  onNews(wake: () => void): () => void {
    const listener = (): void => wake();
    this.#wakes.add(listener);
    return () => void this.#wakes.delete(listener);
  }
}
