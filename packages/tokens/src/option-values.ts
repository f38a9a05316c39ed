import { allAlgorithms, isAlgorithm, type Algorithm } from './algorithm.ts';

/**
 * The names that an option gives, at least one.
 *
 * @throws TypeError naming the option
 */
export function names(option: string, given: string | readonly string[]): readonly string[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const texts = list.filter((name): name is string => typeof name === 'string' && name !== '');
  if (texts.length === 0 || texts.length !== list.length) {
    throw new TypeError(`"${option}" must be a non-empty string or a list of them`);
  }
  if (new Set(texts).size !== texts.length) throw new TypeError(`"${option}" names the same one twice`);
  return texts;
}

/** @throws TypeError naming the option */
export function amount(option: string, unit: string, value: number, least: number, most: number): number {
  if (typeof value !== 'number' || !(value >= least && value <= most)) {
    throw new TypeError(`"${option}" must be ${least} to ${most} ${unit}`);
  }
  return value;
}

/**
 * The algorithms that an option allows; all when it is not given. Never a shared secret, with which every API that checks
 * a token could also mint one (RFC 8725 3.1).
 *
 * @throws TypeError naming the option
 */
export function algorithms(
  option: string,
  given: readonly Algorithm[] = allAlgorithms,
): ReadonlySet<Algorithm> {
  if (!Array.isArray(given) || given.length === 0 || !given.every(isAlgorithm)) {
    throw new TypeError(`"${option}" must be a list out of ${allAlgorithms.join(', ')}`);
  }
  return new Set(given);
}
