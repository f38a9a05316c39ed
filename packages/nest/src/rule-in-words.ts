import type { AccessRule } from '@portcullis/http';

/** A rule for people to read, whole and in its two parts. */
export interface RuleInWords {
  /** Such as `a user, logged in within 600 s`, `a machine of "partner"`, or `anybody`. */
  readonly who: string;
  /** Such as `create:items and delete:items`; undefined when none is asked for. */
  readonly permissions: string | undefined;
  /** Such as `a user with create:items and delete:items, logged in within 600 s`. */
  readonly whole: string;
}

/**
 * @param rule undefined: nobody may
 * @param verifier the name of the verifier whose callers they are; undefined: the module's own
 */
export function ruleInWords(rule: AccessRule | undefined, verifier?: string): RuleInWords {
  if (rule === undefined) return noPermissions('nobody: no rule');
  if (rule.access === 'public') return noPermissions('anybody');
  if (rule.access === 'optional') return noPermissions('anybody; a credential that is sent must be good');
  const { allOf, anyOf, kinds, maxLoginAge } = rule;
  // A machine has no login that could be recent (rules of the house, 9).
  const able = maxLoginAge === undefined ? kinds : kinds.filter((kind) => kind === 'user');
  const of = verifier === undefined ? '' : ` of "${verifier}"`;
  const who = `a ${able.join(' or ')}${of}`;
  const login = maxLoginAge === undefined ? '' : `, logged in within ${maxLoginAge} s`;
  const demands = [allOf.join(' and '), anyOf.length === 0 ? '' : `one of ${anyOf.join(', ')}`];
  const permissions = demands.filter((demand) => demand !== '').join(' and ') || undefined;
  const holding = permissions === undefined ? '' : ` with ${permissions}`;
  return { who: `${who}${login}`, permissions, whole: `${who}${holding}${login}` };
}

function noPermissions(who: string): RuleInWords {
  return { who, permissions: undefined, whole: who };
}
