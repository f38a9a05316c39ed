import type { CompactJws, KnownHeader } from '../compact-jws.ts';

/** The header of the last token whose signature has verified: nobody else can put one here, and most tokens have it. */
export class VerifiedHeader {
  #last: KnownHeader | undefined;

  get last(): KnownHeader | undefined {
    return this.#last;
  }

  remember({ encodedHeader: encoded, header }: CompactJws): void {
    if (this.#last?.header !== header) this.#last = { encoded, header };
  }
}
