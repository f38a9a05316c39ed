import type { Header, KnownHeaders } from '../compact-jws.ts';

/** An issuer has one header for each of its keys; one that has more gains nothing here. */
const MAX_HEADERS = 64;

/** Headers that were read before, of tokens whose signature has verified: nobody else can put one here. */
export class VerifiedHeaders {
  readonly #headers = new Map<string, Header>();

  get known(): KnownHeaders {
    return this.#headers;
  }

  remember(encoded: string, header: Header): void {
    if (this.#headers.get(encoded) === header) return;
    if (this.#headers.size >= MAX_HEADERS) this.#headers.clear();
    this.#headers.set(encoded, header);
  }
}
