import { CALLER_KINDS, type CallerKind } from './caller.ts';

/** Anybody, and no credential is even looked at: a dead issuer does not break a public page. */
export interface PublicRule {
  readonly access: 'public';
}

/** Anybody; a credential that is sent is judged, and a bad one refused: never silently anonymous. */
export interface OptionalRule {
  readonly access: 'optional';
}

/** An authenticated caller who meets every line below. */
export interface CallerRule {
  readonly access: 'caller';
  readonly kinds: readonly CallerKind[];
  readonly allOf: readonly string[];
  /** At least one of these; an empty list asks for nothing. */
  readonly anyOf: readonly string[];
  /** Seconds since the user's last login, at most. */
  readonly maxLoginAge: number | undefined;
}

export type AccessRule = PublicRule | OptionalRule | CallerRule;

const ANY_CALLER: CallerRule = Object.freeze({
  access: 'caller',
  kinds: CALLER_KINDS,
  allOf: [],
  anyOf: [],
  maxLoginAge: undefined,
});

/**
 * A rule that asks for what is given; what is left out asks for nothing, except a credential.
 *
 * @param demand.allOf,demand.anyOf at least one permission; leave it out to ask for none
 * @param demand.kinds at least one; default both
 * @param demand.maxLoginAge seconds, whole and above 0
 * @throws TypeError when it could not be meant
 */
export function callerRule(demand: Partial<Omit<CallerRule, 'access'>>): CallerRule {
  const { allOf, anyOf } = demand;
  if (allOf?.length === 0 || anyOf?.length === 0) throw new TypeError(PERMISSIONS);
  const rule = { ...ANY_CALLER, ...demand };
  checkRule(rule);
  return Object.freeze(rule);
}

/**
 * For a rule that may have been written by hand.
 *
 * @throws TypeError when it could not be meant
 */
export function checkRule(rule: AccessRule): void {
  if (rule.access === 'public' || rule.access === 'optional') return;
  if (rule.access !== 'caller' || Object.keys(rule).some((member) => !(member in ANY_CALLER)))
    throw new TypeError(NO_RULE);
  const { kinds, allOf, anyOf, maxLoginAge } = rule;
  if (!isList(allOf) || !isList(anyOf) || ![...allOf, ...anyOf].every(isName))
    throw new TypeError(PERMISSIONS);
  if (!isList(kinds) || kinds.length === 0 || !kinds.every((kind) => CALLER_KINDS.includes(kind)))
    throw new TypeError(KINDS);
  if (maxLoginAge !== undefined && !(Number.isSafeInteger(maxLoginAge) && maxLoginAge > 0))
    throw new TypeError(LOGIN_AGE);
}

const PERMISSIONS = "a rule asks for the names of one or more permissions, such as 'create:items'";
const KINDS = `a rule is for callers of the kinds ${CALLER_KINDS.join(' and ')}, of one or of both`;
const LOGIN_AGE = 'a rule asks for a login within whole seconds above 0, such as 600';
const NO_RULE =
  'a rule is publicRule, optionalRule or what callerRule({ … }) makes of kinds, allOf, anyOf and maxLoginAge';

function isList(value: readonly unknown[]): boolean {
  return Array.isArray(value);
}

function isName(permission: unknown): boolean {
  return typeof permission === 'string' && permission.trim() !== '';
}

export const publicRule: PublicRule = Object.freeze({ access: 'public' });

export const optionalRule: OptionalRule = Object.freeze({ access: 'optional' });
