/** So many requests a second, saved up to as many: a token bucket whose places are given out in turn. */
export class RequestBudget {
  readonly #perSecond: number;
  /** By the monotonic clock, when the next request may leave. */
  #next = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * Milliseconds to wait for one's turn, which is then taken.
   *
   * @param most milliseconds; undefined when the turn would come later, and then none is taken
   */
  take(most: number): number | undefined {
    const now = performance.now();
    const step = 1000 / this.#perSecond;
    // Saved up: a full second's worth at most may leave together.
    const turn = Math.max(this.#next, now - 1000 + step);
    const wait = Math.max(turn - now, 0);
    if (wait > most) return undefined;
    this.#next = turn + step;
    return wait;
  }

  /** The server says that there is no room for so many seconds. */
  pause(seconds: number): void {
    this.#next = Math.max(this.#next, performance.now() + seconds * 1000);
  }
}
