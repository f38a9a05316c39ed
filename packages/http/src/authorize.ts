import type { CallerRule } from './access-rule.ts';
import type { Caller } from './caller.ts';
import type { Refusal, Refusals } from './refusal.ts';

type Check = (
  rule: CallerRule,
  caller: Caller,
  refusals: Refusals,
  nowSeconds: number,
) => Refusal | undefined;

/** May this caller do this? The order is the policy. */
const CHECKS: readonly Check[] = [checkKind, checkPermissions, checkLoginAge];

/** @returns undefined when the caller may, otherwise the one refusal to send */
export function authorize(
  rule: CallerRule,
  caller: Caller | undefined,
  refusals: Refusals,
  nowSeconds = Date.now() / 1000,
): Refusal | undefined {
  if (caller === undefined) return refusals.noCredential();
  for (const check of CHECKS) {
    const refusal = check(rule, caller, refusals, nowSeconds);
    if (refusal) return refusal;
  }
  return undefined;
}

function checkKind(rule: CallerRule, caller: Caller, refusals: Refusals): Refusal | undefined {
  return rule.kinds.includes(caller.kind) ? undefined : refusals.wrongKind(rule.kinds);
}

function checkPermissions(rule: CallerRule, caller: Caller, refusals: Refusals): Refusal | undefined {
  const missing = rule.allOf.filter((permission) => !caller.permissions.has(permission));
  const anyMissing =
    rule.anyOf.length > 0 && !rule.anyOf.some((permission) => caller.permissions.has(permission));
  if (missing.length === 0 && !anyMissing) return undefined;
  const named = missing.length > 0 ? missing : rule.anyOf;
  return refusals.insufficientPermissions(
    named,
    named.filter((permission) => caller.withheldPermissions.has(permission)),
  );
}

/** RFC 9470: a login in the future or of unknown time is not recent; a machine can never log in again. */
function checkLoginAge(
  rule: CallerRule,
  caller: Caller,
  refusals: Refusals,
  nowSeconds: number,
): Refusal | undefined {
  if (rule.maxLoginAge === undefined) return undefined;
  if (caller.kind === 'machine') return refusals.wrongKind(['user']);
  const age = caller.authTime === undefined ? Number.NaN : nowSeconds - caller.authTime;
  return age >= -CLOCK_TOLERANCE && age <= rule.maxLoginAge
    ? undefined
    : refusals.loginTooOld(rule.maxLoginAge);
}

/** Seconds that the issuer's clock may run ahead of ours. */
const CLOCK_TOLERANCE = 5;
