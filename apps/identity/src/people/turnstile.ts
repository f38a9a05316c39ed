/** Thrown when even the queue is full. The next try may do better. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
}

/** Lets a few through at once and a bounded number wait. */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  readonly #longestQueue: number;
  #free: number;

  constructor({ atOnce, longestQueue }: { readonly atOnce: number; readonly longestQueue: number }) {
    this.#free = atOnce;
    this.#longestQueue = longestQueue;
  }

  /** @throws Overloaded when too many wait already */
  async pass<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else if (this.#waiting.length >= this.#longestQueue) throw new Overloaded('too many wait already');
    else await new Promise<void>((enter) => this.#waiting.push(enter));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
