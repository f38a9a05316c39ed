import type { IssuerOptions, IssuerResolver, IssuerRules } from './issuers/issuer-options.ts';
import type { DpopOptions } from './dpop/dpop-options.ts';
import type { Observer } from './observer.ts';
import type { DenyList } from './revocation/deny-list.ts';
import type { VerdictCacheOptions } from './verdicts/verdict-cache.ts';

/** What is set here beside `issuer` holds for every issuer that does not set its own. */
export interface VerifierOptions extends IssuerRules {
  /**
   * Whom to trust: an issuer identifier, compared with `iss` character by character; one with rules of its own; a
   * list of both; or a function that answers for each `iss` it is asked about.
   */
  issuer: string | IssuerOptions | readonly (string | IssuerOptions)[] | IssuerResolver;
  /** This API's identifiers; one of them must be a member of `aud`. */
  audience: string | readonly string[];
  /** Refuses plain http even on loopback. Default false; plain http elsewhere is always refused. */
  production?: boolean;
  /** Milliseconds for one load of a key set or one introspection, metadata and bodies included. Default 5000, 1 to 60,000. */
  requestTimeout?: number;
  /** Enforces tokens bound by DPoP. Default: they are refused. */
  dpop?: DpopOptions;
  /** Consulted for every token that has verified. Default: none, and a token is good until it expires. */
  denyList?: DenyList;
  /** How long and how many verified tokens are remembered. Default: for 300 s, 20,000 of them, in 64 MiB. */
  verdictCache?: VerdictCacheOptions;
  /** Told what happens, by name. This package logs nothing itself. */
  observer?: Observer | readonly Observer[];
  /** The clock, in milliseconds since the epoch. Default `Date.now`; given, it also ages what is remembered. */
  now?: () => number;
}
