import type { Caller } from '@portcullis/http';

/** Whom a piece of news is about. */
export type NewsOf = Pick<Caller, 'issuer' | 'subject'>;

/** Where a server learns that what callers may do has changed: the change stream of an identity provider is one. */
export interface CallerNews {
  /**
   * @param changed to be called with whom it is about; with nobody when that may be anybody
   * @returns a function that ends it
   */
  onNews(changed: (who?: NewsOf) => void): () => void;
}
