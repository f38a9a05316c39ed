import type { Algorithm } from '../algorithm.ts';
import { firstTextClaim, type Claims } from '../claims.ts';
import type { IntrospectionOptions } from '../introspection/introspection-options.ts';
import { givenKeySet, type GivenKeySet } from '../keys/given-keys.ts';
import { trustedIssuerUrl, trustedUrl } from '../keys/trusted-url.ts';
import { joined, nameReader, type NameReader } from '../presets/claim-names.ts';
import type { ClaimPath, Preset } from '../presets/preset.ts';
import { isPresetName, presetNames, presetOf } from '../presets/presets.ts';
import { algorithms, amount, names } from '../option-values.ts';
import type { IssuerOptions } from './issuer-options.ts';

/** The options of one issuer, checked once and completed. */
export interface IssuerSettings {
  readonly issuer: string;
  readonly preset: Preset;
  readonly audiences: ReadonlySet<string>;
  readonly tokenFormat: 'jwt' | 'opaque' | 'both';
  readonly introspection: IntrospectionOptions | undefined;
  readonly jwksUri: string | undefined;
  /** Instead of those that would be fetched. */
  readonly givenKeys: GivenKeySet | undefined;
  readonly algorithms: ReadonlySet<Algorithm>;
  /** Lower case; undefined stands for a header without `typ`. */
  readonly typ: ReadonlySet<string | undefined>;
  /** The same of ID tokens; none where they are not accepted. */
  readonly idTokenTyp: ReadonlySet<string | undefined>;
  readonly requiredClaims: readonly (readonly [claim: string, values: readonly string[] | 'present'])[];
  readonly textClaims: readonly string[];
  /** Clients whose ID tokens are accepted; mostly none. */
  readonly idTokenClients: ReadonlySet<string>;
  /** Seconds. */
  readonly clockTolerance: number;
  readonly clientOf: (claims: Claims) => string | undefined;
  readonly scopesOf: NameReader;
  readonly permissionsOf: NameReader;
  readonly rolesOf: NameReader;
}

/** OpenID Connect Core 2 asks for none, and many write the general one (RFC 7519 5.1). */
const ID_TOKEN_TYP = [undefined, 'jwt'];

/** RFC 9068 2.1 */
const AT_JWT = ['at+jwt', 'application/at+jwt'];

/** RFC 9068 2.2 */
const STRICT_CLAIMS = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];

/**
 * The settings of every issuer that these options stand for: one, or the pair under which a provider issues.
 *
 * @throws TypeError naming the option that is absent or wrong
 */
export function issuerSettings(options: IssuerOptions, production: boolean): readonly IssuerSettings[] {
  const { issuer } = options;
  const { provider = 'generic' } = options;
  if (!isPresetName(provider)) throw new TypeError(`"provider" must be one of ${presetNames.join(', ')}`);
  const preset = presetOf(provider);
  checkIssuer(issuer, preset, production);
  return (preset.issuersOf?.(issuer) ?? [issuer]).map((one) => settingsOf(one, options, preset, production));
}

function settingsOf(
  issuer: string,
  options: IssuerOptions,
  preset: Preset,
  production: boolean,
): IssuerSettings {
  const {
    jwksUri,
    jwks,
    tokenFormat = 'jwt',
    introspection,
    profile = 'compatible',
    clockTolerance = 5,
  } = options;
  if (options.audience === undefined)
    throw new TypeError('"audience" must be set: a token for any API would do');
  const audiences = names('audience', options.audience);
  const idTokenClients =
    options.firstPartyIdTokens === undefined ? [] : names('firstPartyIdTokens', options.firstPartyIdTokens);
  const both = idTokenClients.find((client) => audiences.includes(client));
  if (both !== undefined) {
    throw new TypeError(
      '"firstPartyIdTokens" and "audience" must not name the same: ID and access tokens could not be told apart',
    );
  }
  if (idTokenClients.length > 0) checkIdTokens(profile, tokenFormat);
  if (jwksUri !== undefined) trustedUrl('jwksUri', jwksUri, production);
  checkFormat(tokenFormat, introspection, preset, production);
  if (jwks !== undefined) checkKeys(jwksUri, tokenFormat);
  if (profile !== 'compatible' && profile !== 'strict')
    throw new TypeError('"profile" must be strict or compatible');
  const strict = profile === 'strict';
  const reader = (paths: readonly ClaimPath[]): NameReader =>
    readerOf(paths.map((path) => nameReader(path, audiences)));
  return {
    issuer,
    preset,
    audiences: new Set(audiences),
    tokenFormat,
    introspection,
    jwksUri,
    givenKeys: jwks === undefined ? undefined : givenKeySet('jwks', jwks),
    idTokenTyp: new Set(idTokenClients.length > 0 ? ID_TOKEN_TYP : []),
    algorithms: algorithms('algorithms', options.algorithms ?? preset.algorithms),
    typ: new Set(strict ? AT_JWT : preset.typ.flatMap((one) => (one === 'at+jwt' ? AT_JWT : one))),
    requiredClaims: [
      ...Object.entries(preset.requiredClaims),
      ...(strict ? STRICT_CLAIMS.map((claim) => [claim, 'present'] as const) : []),
    ],
    textClaims: [...new Set(['jti', 'sid', 'gid', 'scope', 'client_id', 'azp', ...preset.clientClaims])],
    idTokenClients: new Set(idTokenClients),
    clockTolerance: amount('clockTolerance', 'seconds', clockTolerance, 0, 60),
    clientOf: (claims) => firstTextClaim(claims, preset.clientClaims),
    scopesOf: reader(preset.scopes),
    permissionsOf: reader(preset.permissions),
    rolesOf: reader(preset.roles),
  };
}

function checkIssuer(issuer: string, preset: Preset, production: boolean): void {
  trustedIssuerUrl(issuer, production);
  const refused = preset.refuseIssuer?.(issuer);
  if (refused !== undefined) throw new TypeError(`"issuer" ${refused}`);
}

function checkFormat(
  format: IssuerSettings['tokenFormat'],
  introspection: IntrospectionOptions | undefined,
  { name, mustIntrospect }: Preset,
  production: boolean,
): void {
  if (!['jwt', 'opaque', 'both'].includes(format))
    throw new TypeError('"tokenFormat" must be jwt, opaque or both');
  if (mustIntrospect !== undefined && format !== 'opaque') {
    throw new TypeError(`"tokenFormat" must be opaque with the provider "${name}": ${mustIntrospect}`);
  }
  if (format === 'jwt' && introspection !== undefined) {
    throw new TypeError(
      '"introspection" goes with the tokenFormat opaque or both: with jwt nothing is introspected',
    );
  }
  if (format === 'jwt') return;
  if (introspection === undefined) {
    throw new TypeError(
      `"introspection" must be set with the tokenFormat ${format}: it says how this API asks`,
    );
  }
  if (introspection.endpoint !== undefined)
    trustedUrl('introspection.endpoint', introspection.endpoint, production);
}

function checkKeys(jwksUri: string | undefined, format: IssuerSettings['tokenFormat']): void {
  if (jwksUri !== undefined) throw new TypeError('"jwks" and "jwksUri" are both set: keep one');
  if (format === 'opaque') {
    throw new TypeError(
      '"jwks" goes with the tokenFormat jwt or both: with opaque no signature is checked here',
    );
  }
}

/** What is set must have an effect. */
function checkIdTokens(profile: IssuerOptions['profile'], format: IssuerSettings['tokenFormat']): void {
  if (profile === 'strict') {
    throw new TypeError(
      '"firstPartyIdTokens" goes with the profile compatible: strict refuses all ID tokens',
    );
  }
  if (format === 'opaque') {
    throw new TypeError(
      '"firstPartyIdTokens" goes with the tokenFormat jwt or both: an ID token is never introspected',
    );
  }
}

function readerOf(readers: readonly NameReader[]): NameReader {
  const [only, ...more] = readers;
  if (only === undefined) return () => undefined;
  return more.length === 0 ? only : (claims) => joined(readers.map((read) => read(claims)));
}
