import { discover, type Metadata } from '../keys/discovery.ts';
import type { Surroundings } from '../surroundings.ts';

/** Milliseconds after which an issuer is asked again where things are. */
const REDISCOVER_AFTER = 60 * 60_000;

/** What an issuer says of itself, asked for when needed and kept for an hour. */
export class IssuerMetadata {
  readonly #issuer: string;
  readonly #surroundings: Surroundings;
  #known: { readonly metadata: Metadata; readonly at: number } | undefined;

  constructor(issuer: string, surroundings: Surroundings) {
    this.#issuer = issuer;
    this.#surroundings = surroundings;
  }

  /** @throws Error when the metadata cannot be had, or are not this issuer's own (RFC 8414 3.3) */
  async read(signal: AbortSignal): Promise<Metadata> {
    const { monotonic, production } = this.#surroundings;
    if (this.#known !== undefined && monotonic() - this.#known.at < REDISCOVER_AFTER)
      return this.#known.metadata;
    const metadata = await discover(this.#issuer, production, signal);
    this.#known = { metadata, at: monotonic() };
    return metadata;
  }

  /** To be called after a failure: things may have moved. */
  forget(): void {
    this.#known = undefined;
  }
}
