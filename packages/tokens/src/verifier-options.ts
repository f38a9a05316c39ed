import type { Algorithm } from './algorithm.ts';
import type { IssuerUnavailable } from './errors.ts';

export interface VerifierOptions {
  /** Issuer identifiers, compared with `iss` character by character. */
  issuer: string | readonly string[];
  /** This API's identifiers; one of them must be a member of `aud`. */
  audience: string | readonly string[];
  /** Where the key set is, when discovery is not to be used. Only with a single issuer. */
  jwksUri?: string;
  /** Default: RS, PS and ES with 256, 384 and 512 bits, EdDSA and Ed25519. Never `HS*`, never `none`. */
  algorithms?: readonly Algorithm[];
  /**
   * Seconds by which clocks may differ, for `exp`, `nbf` and `iat`. Default 5, at most 60. An expired
   * token lives this much longer.
   */
  clockTolerance?: number;
  /** Milliseconds for one load of a key set, discovery and bodies included. Default 5000. */
  requestTimeout?: number;
  /** Refuses plain http even on loopback. Default false; plain http elsewhere is always refused. */
  production?: boolean;
  /**
   * Told of every load of a key set that failed, with the reason in words. This package logs nothing
   * itself. Must not throw.
   */
  onIssuerUnavailable?: (error: IssuerUnavailable) => void;
  /** The clock, in milliseconds since the epoch. Default `Date.now`; given, it also ages the key sets. */
  now?: () => number;
}
