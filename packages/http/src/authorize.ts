import type { CallerRule } from './access-rule.ts';
import type { Caller } from './caller.ts';
import type { Scheme } from './challenge.ts';
import type { Refusal, Refusals } from './refusal.ts';

type Check = (
  rule: CallerRule,
  caller: Caller,
  refusals: Refusals,
  nowSeconds: number | undefined,
) => Refusal | undefined;

/** May this caller do this? The order is the policy. */
const CHECKS: readonly Check[] = [checkKind, checkPermissions, checkLoginAge];

/**
 * @param nowSeconds default: the clock, which is read only for a rule about time
 * @returns undefined when the caller may, otherwise the one refusal to send
 */
export function authorize(
  rule: CallerRule,
  caller: Caller | undefined,
  refusals: Refusals,
  nowSeconds?: number,
): Refusal | undefined {
  if (caller === undefined) return refusals.noCredential();
  for (const check of CHECKS) {
    const refusal = check(rule, caller, refusals, nowSeconds);
    if (refusal) return refusal;
  }
  return undefined;
}

function checkKind(rule: CallerRule, caller: Caller, refusals: Refusals): Refusal | undefined {
  return rule.kinds.includes(caller.kind) ? undefined : refusals.wrongKind(rule.kinds, schemeOf(caller));
}

function checkPermissions(rule: CallerRule, caller: Caller, refusals: Refusals): Refusal | undefined {
  const { allOf, anyOf } = rule;
  const lacks = (permission: string): boolean => !caller.permissions.has(permission);
  if (!allOf.some(lacks) && (anyOf.length === 0 || !anyOf.every(lacks))) return undefined;
  const missing = allOf.filter(lacks);
  const missingAny = anyOf.every(lacks) ? anyOf : [];
  const lack = { missing, missingAny, scope: helpfulScope(rule, caller) };
  return refusals.insufficientPermissions(lack, schemeOf(caller));
}

/** All that the route needs, if a token issued for it would pass (RFC 6750, 3.1); otherwise nothing. */
function helpfulScope({ allOf, anyOf }: CallerRule, caller: Caller): readonly string[] {
  const obtainable = (permission: string): boolean =>
    caller.permissions.has(permission) || caller.withheldPermissions.has(permission);
  const oneOfAny = anyOf.find(obtainable);
  if (!allOf.every(obtainable) || (anyOf.length > 0 && oneOfAny === undefined)) return [];
  return oneOfAny === undefined ? allOf : [...new Set([...allOf, oneOfAny])];
}

/** RFC 9470: a login in the future or of unknown time is not recent; a machine can never log in again. */
function checkLoginAge(
  rule: CallerRule,
  caller: Caller,
  refusals: Refusals,
  nowSeconds: number | undefined,
): Refusal | undefined {
  if (rule.maxLoginAge === undefined) return undefined;
  if (caller.kind === 'machine') return refusals.wrongKind(['user'], schemeOf(caller));
  const age =
    caller.authTime === undefined ? Number.NaN : (nowSeconds ?? Date.now() / 1000) - caller.authTime;
  return age >= -CLOCK_TOLERANCE && age <= rule.maxLoginAge
    ? undefined
    : refusals.loginTooOld(rule.maxLoginAge, schemeOf(caller));
}

/** Seconds that the issuer's clock may run ahead of ours. */
const CLOCK_TOLERANCE = 5;

function schemeOf({ via }: Caller): Scheme {
  return via === 'dpop' ? 'DPoP' : 'Bearer';
}
