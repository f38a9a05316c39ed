import type { CompactJws, Header, KnownHeader } from '../compact-jws.ts';
import type { IssuerSettings } from '../issuers/issuer-settings.ts';

/** The header of the last token whose signature has verified: nobody else can put one here, and most tokens have it. */
export class VerifiedHeader {
  #last: (KnownHeader & { readonly settings: IssuerSettings }) | undefined;

  get last(): KnownHeader | undefined {
    return this.#last;
  }

  /** Whether this very header has passed every rule for headers, those of this issuer among them. */
  hasPassed(header: Header, settings: IssuerSettings): boolean {
    return this.#last?.header === header && this.#last.settings === settings;
  }

  remember({ encodedHeader: encoded, header }: CompactJws, settings: IssuerSettings): void {
    if (!this.hasPassed(header, settings)) this.#last = { encoded, header, settings };
  }
}
