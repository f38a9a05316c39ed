import type { KeyObject } from 'node:crypto';
import type { Algorithm } from '../algorithm.ts';

/** How this API authenticates itself at an introspection endpoint (RFC 7662 2.1). */
export type ClientAuthentication =
  | {
      /** Default `client_secret_basic` (RFC 6749 2.3.1). */
      readonly method?: 'client_secret_basic' | 'client_secret_post';
      readonly clientId: string;
      readonly clientSecret: string;
    }
  | {
      /** A signed assertion instead of a secret (RFC 7523 2.2). */
      readonly method: 'private_key_jwt';
      readonly clientId: string;
      readonly privateKey: KeyObject;
      /** Default RS256. */
      readonly algorithm?: Algorithm;
      /** Written as `kid` into the assertion. Default: none, and the issuer tries the client's keys. */
      readonly keyId?: string;
    };

export interface IntrospectionOptions {
  /** https, or http on loopback outside production. Default: `introspection_endpoint` of the issuer's metadata. */
  readonly endpoint?: string;
  readonly authentication: ClientAuthentication;
  /**
   * Seconds that an active answer serves again, never beyond the token's `exp`. Default 30, at most 300; 0 asks
   * each time. A token revoked at the issuer passes for this long.
   */
  readonly maxAge?: number;
  /** Introspections under way at once; one more is answered 503. Default 32, 1 to 10,000. */
  readonly maxConcurrent?: number;
  /**
   * Unknown tokens a minute that may come from one address, or one /64 network of IPv6; from then on nothing is asked on
   * its behalf, and it is answered 429. Default 120, 1 to 1,000,000. Tokens that turn out good cost nothing.
   */
  readonly perAddress?: number;
}
