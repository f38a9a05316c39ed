import { untrustedIssuer } from '../rules/iss.rule.ts';
import type { Surroundings } from '../surroundings.ts';
import type { VerifierOptions } from '../verifier-options.ts';
import { IdTokenWarning } from './id-token-warning.ts';
import type { IssuerOptions, IssuerRules } from './issuer-options.ts';
import { issuerSettings, type IssuerSettings } from './issuer-settings.ts';
import { ResolvedIssuers } from './resolved-issuers.ts';
import { TrustedIssuer } from './trusted-issuer.ts';

/** Whom a verifier trusts. */
export interface Issuers {
  /** @throws TokenUntrusted for anybody else; IssuerUnavailable when that cannot be told */
  named(issuer: string): TrustedIssuer | Promise<TrustedIssuer>;
  /** Whose tokens those are that name no issuer; undefined when they are nobody's. */
  readonly ofOpaqueTokens: TrustedIssuer | undefined;
  /** Whose tokens they all are, readable or not; undefined when a token has to say. */
  readonly ofAllTokens: TrustedIssuer | undefined;
  /** Those known now. */
  all(): readonly TrustedIssuer[];
  close(): void;
}

/** @throws TypeError naming the option that is absent or wrong */
export function issuersFrom(options: VerifierOptions, surroundings: Surroundings): Issuers {
  const { issuer } = options;
  const shared = givenRules(options);
  const warning = new IdTokenWarning();
  const settingsOf = (one: IssuerOptions): readonly IssuerSettings[] => {
    const rules = { ...shared, ...givenRules(one) };
    const settings = issuerSettings({ ...rules, issuer: one.issuer }, surroundings.production);
    if (rules.firstPartyIdTokens !== undefined) warning.give();
    return settings;
  };
  const configured = typeof issuer === 'function' ? [] : listed(issuer);
  const ofOneIssuer = (['jwksUri', 'jwks'] as const).find((option) => options[option] !== undefined);
  if (ofOneIssuer !== undefined && configured.length !== 1) {
    throw new TypeError(
      `"${ofOneIssuer}" goes with one issuer; with several, set it on each or let keys be discovered`,
    );
  }
  if (typeof issuer === 'function') {
    if (shared.firstPartyIdTokens !== undefined) warning.give();
    return new ResolvedIssuers(issuer, settingsOf, surroundings);
  }
  return fixed(configured.flatMap(settingsOf), surroundings);
}

function listed(
  issuer: string | IssuerOptions | readonly (string | IssuerOptions)[],
): readonly IssuerOptions[] {
  const list: readonly unknown[] = Array.isArray(issuer) ? issuer : [issuer];
  if (list.length === 0) throw new TypeError('"issuer" must be a non-empty string or a list of them');
  return list.map(issuerOptions);
}

function issuerOptions(given: unknown): IssuerOptions {
  if (typeof given === 'string' && given !== '') return { issuer: given };
  if (typeof given === 'object' && given !== null && 'issuer' in given) return given as IssuerOptions;
  throw new TypeError('"issuer" must be a non-empty string or a list of them');
}

function fixed(settings: readonly IssuerSettings[], surroundings: Surroundings): Issuers {
  if (new Set(settings.map(({ issuer }) => issuer)).size !== settings.length) {
    throw new TypeError('"issuer" names the same one twice');
  }
  const issuers = settings.map((one) => new TrustedIssuer(one, surroundings, true));
  const byName = new Map(issuers.map((one) => [one.settings.issuer, one]));
  const introspecting = issuers.filter(({ introspector }) => introspector !== undefined);
  if (introspecting.length > 1) {
    // Asking one issuer about another's token would hand it over.
    throw new TypeError(
      '"tokenFormat" opaque or both goes with one issuer: an opaque token does not say whose it is',
    );
  }
  // Only now: nothing of a verifier that could not be built goes on in the background.
  for (const issuer of issuers) issuer.start();
  const [first] = issuers;
  return {
    named(issuer) {
      const trusted = byName.get(issuer);
      if (trusted === undefined) throw untrustedIssuer();
      return trusted;
    },
    ofOpaqueTokens: introspecting[0],
    ofAllTokens: issuers.length === 1 && first?.keys === undefined ? first : undefined,
    all: () => issuers,
    close: () => {
      for (const issuer of issuers) issuer.close();
    },
  };
}

/**
 * Everything that is a rule for an issuer, and nothing else, so that an issuer's own options can be laid over it. What
 * is undefined is not set: it must not undo what is shared.
 */
function givenRules({
  audience,
  provider,
  tokenFormat,
  introspection,
  profile,
  firstPartyIdTokens,
  jwksUri,
  jwks,
  algorithms,
  clockTolerance,
}: IssuerRules): IssuerRules {
  const rules: { [Rule in keyof Required<IssuerRules>]: IssuerRules[Rule] | undefined } = {
    audience,
    provider,
    tokenFormat,
    introspection,
    profile,
    firstPartyIdTokens,
    jwksUri,
    jwks,
    algorithms,
    clockTolerance,
  };
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined));
}
