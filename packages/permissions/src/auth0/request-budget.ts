/** So many requests in any second, and the others in turn. */
export class RequestBudget {
  readonly #most: number;
  /** Milliseconds in which so many may leave. */
  readonly #window: number;
  /** When the last of them left, or will, by the monotonic clock; in order. */
  readonly #turns: number[] = [];
  #pausedUntil = 0;

  /** @param perSecond below 1: one in that many seconds */
  constructor(perSecond: number) {
    this.#most = Math.max(1, Math.floor(perSecond));
    this.#window = (this.#most / perSecond) * 1000;
  }

  /**
   * Milliseconds to wait for one's turn, which is then taken.
   *
   * @param most milliseconds; undefined when the turn would come later, and then none is taken
   */
  take(most: number): number | undefined {
    const now = performance.now();
    const [oldest = Number.NEGATIVE_INFINITY] = this.#turns.length < this.#most ? [] : this.#turns;
    const turn = Math.max(now, oldest + this.#window, this.#pausedUntil, this.#turns.at(-1) ?? 0);
    if (turn - now > most) return undefined;
    this.#turns.push(turn);
    if (this.#turns.length > this.#most) this.#turns.shift();
    return turn - now;
  }

  /** The server says that there is no room for so many seconds. */
  pause(seconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + seconds * 1000);
  }
}
