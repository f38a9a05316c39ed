import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { sameText } from '../same-text.ts';

/**
 * Nonces of which nothing is kept (RFC 9449 8): each follows from the secret and the time, so that every node
 * that has the secret knows those of all. One is offered for `lifetime` seconds, and accepted as long again.
 */
export class Nonces {
  readonly #secret: KeyObject;
  readonly #lifetime: number;
  #period = Number.NaN;
  #current = '';
  #previous = '';

  /** @param lifetime seconds */
  constructor(secret: string | Uint8Array, lifetime: number) {
    this.#secret = createSecretKey(Buffer.from(secret));
    this.#lifetime = lifetime;
  }

  /** @param now seconds since the epoch */
  current(now: number): string {
    this.#turn(now);
    return this.#current;
  }

  /** @param now seconds since the epoch */
  accepts(nonce: string, now: number): boolean {
    this.#turn(now);
    const isCurrent = sameText(nonce, this.#current);
    const isPrevious = sameText(nonce, this.#previous);
    return isCurrent || isPrevious;
  }

  #turn(now: number): void {
    const period = Math.floor(now / this.#lifetime);
    if (period === this.#period) return;
    this.#period = period;
    this.#current = this.#of(period);
    this.#previous = this.#of(period - 1);
  }

  #of(period: number): string {
    // With the lifetime in it: the same number means another time to a node that counts in another measure.
    const text = `DPoP nonce ${this.#lifetime} ${period}`;
    return createHmac('sha256', this.#secret).update(text).digest('base64url');
  }
}
