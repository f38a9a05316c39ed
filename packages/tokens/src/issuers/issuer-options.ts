import type { Algorithm } from '../algorithm.ts';
import type { IntrospectionOptions } from '../introspection/introspection-options.ts';
import type { PresetName } from '../presets/preset.ts';

/** What is asked of an issuer's tokens. */
export interface IssuerRules {
  /** This API's identifiers; one of them must be a member of `aud`. */
  audience?: string | readonly string[];
  /** How the provider writes its tokens. Default `generic`: RFC 9068 and RFC 7519 without one provider's own. */
  provider?: PresetName;
  /**
   * `jwt`: verified with the issuer's keys. `opaque`: every token is introspected. `both`: what looks like a JWT is
   * verified and, failing that, refused; anything else is introspected. Default `jwt`.
   */
  tokenFormat?: 'jwt' | 'opaque' | 'both';
  /** For the formats `opaque` and `both`. */
  introspection?: IntrospectionOptions;
  /**
   * `strict`: only tokens that RFC 9068 calls access tokens, with `typ` and every required claim. `compatible`: also
   * older ones, told apart by what they claim. Default `compatible`.
   */
  profile?: 'strict' | 'compatible';
  /**
   * Client ids of our own confidential clients whose ID tokens are accepted for login-only routes, without any
   * permission. Default: none, and an ID token is refused. An access token is the better answer.
   */
  firstPartyIdTokens?: string | readonly string[];
  /** Where the key set is, when discovery is not to be used. Only with a single issuer. */
  jwksUri?: string;
  /** Default: the provider's. Never `HS*`, never `none`. */
  algorithms?: readonly Algorithm[];
  /**
   * Seconds by which clocks may differ, for `exp`, `nbf` and `iat`. Default 5, at most 60. An expired token lives this
   * much longer.
   */
  clockTolerance?: number;
}

export interface IssuerOptions extends IssuerRules {
  issuer: string;
}

/**
 * Answers for an `iss` that a token names and that nobody has vouched for yet: with its rules, or undefined when it is
 * not to be trusted. Positive answers are kept, at most 100 of them; negative ones for a minute. What it throws makes
 * the issuer unavailable (503).
 */
export type IssuerResolver = (
  issuer: string,
) => IssuerOptions | undefined | Promise<IssuerOptions | undefined>;
