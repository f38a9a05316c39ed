import type { Algorithm } from '../algorithm.ts';

export type PresetName =
  | 'portcullis'
  | 'auth0'
  | 'keycloak'
  | 'entra'
  | 'okta'
  | 'cognito'
  | 'logto'
  | 'zitadel'
  | 'authentik'
  | 'hydra'
  | 'generic';

/**
 * Where names stand in the claims: a JSON Pointer (RFC 6901), in which `{audience}` stands for each of the API's
 * identifiers in turn. `list`: an array of strings. `words`: a string of words parted by spaces, or an array of
 * strings. `keys`: the member names of an object. Any other shape counts as no names at all. An identifier that holds a
 * slash stays one reference token. Several paths add up.
 */
export interface ClaimPath {
  readonly pointer: string;
  readonly as: 'list' | 'words' | 'keys';
}

/** Tells a client that speaks for itself from a user. With `claim` alone: the claim is there. */
export interface MachineSign {
  readonly claim: string;
  readonly equals?: string;
  readonly startsWith?: string;
  /** The claim is not there. */
  readonly absent?: true;
}

/** How one provider writes its access tokens: data, documented in docs/providers.md. */
export interface Preset {
  readonly name: PresetName;
  /** Accepted `typ` headers in lower case, without `application/`; `undefined` accepts a token without one. */
  readonly typ: readonly (string | undefined)[];
  /** Algorithms accepted unless the options say otherwise. Undefined: all that this package knows. */
  readonly algorithms?: readonly Algorithm[];
  /** Claims that must be there; with a list, with one of these exact values. */
  readonly requiredClaims: Readonly<Record<string, readonly string[] | 'present'>>;
  /**
   * Claims that no ID token of the provider has, and of which each of its access tokens has at least one. A token
   * without any is refused as an ID token. For providers whose ID tokens may name the API in `aud`.
   */
  readonly accessTokenSigns?: readonly string[];
  /**
   * An access token may carry what elsewhere only an ID token does, a `nonce` or its own client for its only audience,
   * because the preset tells the two apart by other means.
   */
  readonly resemblesIdToken?: true;
  /** The claim that stands in for `aud` when that is absent. Undefined: a missing `aud` is refused. */
  readonly audienceStandIn?: string;
  /** The claims that may name the client; the first that is present does. */
  readonly clientClaims: readonly string[];
  readonly machineSigns: readonly MachineSign[];
  readonly scopes: readonly ClaimPath[];
  /** Permissions as the API itself defines them. */
  readonly permissions: readonly ClaimPath[];
  /** Bundles that the application maps to permissions; never checked in code. */
  readonly roles: readonly ClaimPath[];
  /** The issuers that one configured identifier stands for. Undefined: itself alone. */
  readonly issuersOf?: (issuer: string) => readonly string[];
  /** Why this identifier cannot be one of the provider's, as the end of a sentence; undefined when it can. */
  readonly refuseIssuer?: (issuer: string) => string | undefined;
  /** What cannot be told apart locally, as the end of a sentence: tokens of this provider must be introspected. */
  readonly mustIntrospect?: string;
  /** What to do at the provider when a token's audience is missing or another's. For logs. */
  readonly audienceHint: string;
}
