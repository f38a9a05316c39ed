import { createHmac, timingSafeEqual } from 'node:crypto';

/** Proof that a form came from a page we made for this very interaction. */
export class FormToken {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @param cookieUid the interaction that this browser's cookie names */
  issue(cookieUid: string): string {
    return createHmac('sha256', this.#key).update(cookieUid).digest('base64url');
  }

  verify(cookieUid: string, presented: unknown): boolean {
    if (typeof presented !== 'string') return false;
    const [left, right] = [Buffer.from(this.issue(cookieUid)), Buffer.from(presented)];
    return left.length === right.length && timingSafeEqual(left, right);
  }
}
