/** What a caller has left, for `X-RateLimit-*`. */
export interface Allowance {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Seconds since the epoch when all is there again. */
  readonly reset: number;
}

interface Bucket {
  tokens: number;
  /** Milliseconds of the monotonic clock. */
  at: number;
}

const MOST_BUCKETS = 10_000;

/** Requests a second for each key, with as many at once. Of this process alone. */
export class TokenBuckets {
  readonly #perSecond: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  take(key: string): Allowance {
    const limit = this.#perSecond;
    const now = performance.now();
    const bucket = this.#buckets.get(key) ?? { tokens: limit, at: now };
    const tokens = Math.min(limit, bucket.tokens + ((now - bucket.at) / 1000) * limit);
    const allowed = tokens >= 1;
    const left = allowed ? tokens - 1 : tokens;
    this.#remember(key, { tokens: left, at: now });
    return {
      allowed,
      limit,
      remaining: Math.floor(left),
      reset: Math.ceil(Date.now() / 1000 + (limit - left) / limit),
    };
  }

  /** The one unused for longest goes first: it has filled up meanwhile, and a new one is full as well. */
  #remember(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= MOST_BUCKETS) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
