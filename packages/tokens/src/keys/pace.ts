const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** No request may ask an issuer again sooner than this after it answered. */
const COOLDOWN = 10 * SECOND;
const FIRST_RETRY = 1 * SECOND;
const LONGEST_RETRY = 30 * SECOND;

/** Age at which a set is fetched anew ahead of its 10 minutes, and the one at which a late timer is noticed. */
const REFRESH_AHEAD = 8 * MINUTE;
export const REFRESH_AFTER = 10 * MINUTE;
/** Last known good keys answer through an hour of outage after those 10 minutes, and no longer. */
export const SERVED_FOR = REFRESH_AFTER + 60 * MINUTE;

/** When an issuer may be asked again. At most once per 10 s, and once per second before its first answer. */
export class Pace {
  readonly #now: () => number;
  #answered = false;
  #failures = 0;
  #wait = 0;
  #since = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds from any origin */
  constructor(now: () => number) {
    this.#now = now;
  }

  get failing(): boolean {
    return this.#failures > 0;
  }

  allows(): boolean {
    return this.#remaining() <= 0;
  }

  succeeded(): void {
    this.#answered = true;
    this.#failures = 0;
    this.#wait = COOLDOWN;
    this.#since = this.#now();
  }

  failed(): void {
    this.#failures++;
    const backoff = Math.min(COOLDOWN * 2 ** (this.#failures - 1), LONGEST_RETRY);
    this.#wait = jittered(this.#answered ? backoff : FIRST_RETRY);
    this.#since = this.#now();
  }

  /** Milliseconds until the background asks again. */
  untilNext(): number {
    return this.failing ? this.#wait : jittered(REFRESH_AHEAD);
  }

  /** Seconds, at least 1. */
  retryAfter(): number {
    return Math.max(1, Math.ceil(this.#remaining() / SECOND));
  }

  #remaining(): number {
    return this.#since + this.#wait - this.#now();
  }
}

/** Up to a fifth longer, so that nodes started together do not ask together. */
function jittered(milliseconds: number): number {
  return milliseconds * (1 + Math.random() / 5);
}
