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

/** A rule that asks for what is given; what is left out asks for nothing, except a credential. */
export function callerRule(rule: Partial<Omit<CallerRule, 'access'>>): CallerRule {
  return Object.freeze({ ...ANY_CALLER, ...rule });
}

export const publicRule: PublicRule = Object.freeze({ access: 'public' });

export const optionalRule: OptionalRule = Object.freeze({ access: 'optional' });
