import { allAlgorithms, isAlgorithm, type Algorithm } from './algorithm.ts';
import { trustedUrl } from './keys/trusted-url.ts';
import type { VerifierOptions } from './verifier-options.ts';

/** The options, checked once and completed. */
export interface Settings {
  readonly issuers: readonly string[];
  readonly audiences: ReadonlySet<string>;
  readonly jwksUri: string | undefined;
  readonly algorithms: ReadonlySet<Algorithm>;
  /** Seconds. */
  readonly clockTolerance: number;
  /** Milliseconds. */
  readonly requestTimeout: number;
  readonly production: boolean;
  readonly onIssuerUnavailable: VerifierOptions['onIssuerUnavailable'];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds from any origin. Not the wall clock, whose steps must not age or renew a key set. */
  readonly monotonic: () => number;
}

/** @throws TypeError naming the option that is absent or wrong */
export function settingsFrom(options: VerifierOptions): Settings {
  const issuers = names('issuer', options.issuer);
  const production = options.production ?? false;
  for (const issuer of issuers) {
    const { search, hash } = trustedUrl('issuer', issuer, production);
    // RFC 8414 2: an issuer has no query and no fragment.
    if (search !== '' || hash !== '') throw new TypeError('"issuer" must have neither query nor fragment');
  }
  if (options.jwksUri !== undefined) {
    if (issuers.length > 1)
      throw new TypeError('"jwksUri" goes with one issuer; with several, keys are discovered');
    trustedUrl('jwksUri', options.jwksUri, production);
  }
  return {
    issuers,
    audiences: new Set(names('audience', options.audience)),
    jwksUri: options.jwksUri,
    algorithms: new Set(algorithms(options.algorithms)),
    clockTolerance: amount('clockTolerance', 'seconds', options.clockTolerance ?? 5, 0, 60),
    requestTimeout: amount('requestTimeout', 'milliseconds', options.requestTimeout ?? 5000, 1, 60_000),
    production,
    onIssuerUnavailable: options.onIssuerUnavailable,
    now: options.now ?? Date.now,
    monotonic: options.now ?? (() => performance.now()),
  };
}

function names(option: string, given: string | readonly string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const texts = list.filter((name): name is string => typeof name === 'string' && name !== '');
  if (texts.length === 0 || texts.length !== list.length) {
    throw new TypeError(`"${option}" must be a non-empty string or a list of them`);
  }
  if (new Set(texts).size !== texts.length) throw new TypeError(`"${option}" names the same one twice`);
  return texts;
}

function algorithms(given: readonly Algorithm[] = allAlgorithms): readonly Algorithm[] {
  if (!Array.isArray(given) || given.length === 0 || !given.every(isAlgorithm)) {
    // RFC 8725 3.1; a shared secret would let every API that checks a token also mint one.
    throw new TypeError(`"algorithms" must be a list out of ${allAlgorithms.join(', ')}`);
  }
  return given;
}

function amount(option: string, unit: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`"${option}" must be ${least} to ${most} ${unit}`);
  }
  return value;
}
