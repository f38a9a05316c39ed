import type { Algorithm } from '../algorithm.ts';
import type { IntrospectionOptions } from '../introspection/introspection-options.ts';
import type { JwkSet, KeySetSupplier } from '../keys/given-keys.ts';
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
   * permission, until they are 10 minutes old. Default: none, and an ID token is refused. Warns at the start, with the
   * code PORTCULLIS_FIRST_PARTY_ID_TOKENS: an access token is the better answer. Not with the profile `strict` or the
   * tokenFormat `opaque`.
   */
  firstPartyIdTokens?: string | readonly string[];
  /** Where the key set is, when discovery is not to be used. Never shared by several issuers. */
  jwksUri?: string;
  /**
   * The public keys themselves, when nothing is to be fetched: a network without a way out, an application's own tests.
   * A key is added or withdrawn by a restart alone, unless a function gives them: for an issuer in the same process. It is
   * asked at each token, must answer the same object while the keys are the same, and what it withdraws is refused at once.
   * Never shared by several issuers, and not with `jwksUri` or the tokenFormat `opaque`.
   */
  jwks?: JwkSet | KeySetSupplier;
  /** Default: the provider's. Never `HS*`, never `none`. */
  algorithms?: readonly Algorithm[];
  /**
   * Seconds by which clocks may differ, for `exp`, `nbf` and `iat`. Default 5, at most 60. An expired token lives this
   * much longer.
   */
  clockTolerance?: number;
}

/** What is not set here is as it is set for all. */
export interface IssuerOptions extends IssuerRules {
  issuer: string;
}

/**
 * Answers for an `iss` that a token names and that nobody has vouched for yet: with its rules, or undefined when it is
 * not to be trusted. Positive answers are kept, at most 100 of them; negative ones for a minute. When it throws, has not
 * answered within `requestTimeout` or answers with a wrong option, the issuer is unavailable (503). The verifier is
 * ready without such issuers.
 */
export type IssuerResolver = (
  issuer: string,
) => IssuerOptions | undefined | Promise<IssuerOptions | undefined>;
