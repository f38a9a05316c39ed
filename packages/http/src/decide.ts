import type { AccessRule } from './access-rule.ts';
import type { Outcome } from './authenticator.ts';
import { authorize } from './authorize.ts';
import { Refusal, type Refusals } from './refusal.ts';
import type { RequestHead } from './request-head.ts';
import { whoIsCalling, type Judge } from './visit.ts';

/**
 * One request through both questions, in this order: is there a rule → is it public → who is calling → may they.
 * Every door calls this, so that all answer alike. A request that comes to several handlers is judged once.
 *
 * @param decided told of the decision: who is calling as far as that is known, and the refusal if there is one
 * @returns the Caller, nobody (public, or anonymous where that is allowed), or the refusal to send; at once when nothing
 *   has to be waited for
 */
export function admit(
  judge: Judge,
  rule: AccessRule | undefined,
  head: RequestHead,
  decided?: Decided,
): Outcome | Promise<Outcome> {
  if (!looksAtCredentials(rule)) return decide(rule, undefined, judge.refusals, decided);
  const who = whoIsCalling(head, judge);
  return who instanceof Promise
    ? who.then((known) => decide(rule, known, judge.refusals, decided))
    : decide(rule, who, judge.refusals, decided);
}

/** Told who was calling, as far as that is known, and why they may not, if so. */
export type Decided = (who: Outcome, refusal: Refusal | undefined) => void;

/** Where a rule is absent nobody gets in, and where it is public nobody is asked who they are (rules of the house, 3). */
function looksAtCredentials(rule: AccessRule | undefined): rule is AccessRule {
  return rule !== undefined && rule.access !== 'public';
}

/**
 * The second question alone, for a context in which the credential was judged before: a field of a GraphQL operation, a
 * message on an open connection.
 *
 * @param who what authentication came to
 */
export function decide(
  rule: AccessRule | undefined,
  who: Outcome,
  refusals: Refusals,
  decided?: Decided,
): Outcome {
  const refusal = refusalOf(rule, who, refusals);
  decided?.(who, refusal);
  return refusal ?? (rule?.access === 'public' ? undefined : who);
}

function refusalOf(rule: AccessRule | undefined, who: Outcome, refusals: Refusals): Refusal | undefined {
  if (rule === undefined) return refusals.noRule();
  if (rule.access === 'public') return undefined;
  if (who instanceof Refusal) return who;
  return rule.access === 'optional' ? undefined : authorize(rule, who, refusals);
}
