import type { ExecutionContext } from '@nestjs/common';
import { CALLER_KINDS, type Caller, type Outcome } from '@portcullis/http';
import passport, { type Strategy } from 'passport';
import { RefusedException } from '../refused.exception.ts';

const WITHOUT_SESSION = { session: false };

/**
 * Asks Passport who is calling, and leaves the answer to us. It needs the framework's own request, on Fastify too: some
 * strategies read its session or query.
 *
 * @returns undefined when no strategy knows; at once when the strategy answers at once, as ours does for a token that
 *   was seen before
 * @throws what a strategy reports as an error; TypeError when it succeeds with something that is no Caller
 */
export function outcomeOfPassport(
  strategies: Strategy | string[],
  context: ExecutionContext,
): Outcome | Promise<Outcome> {
  const http = context.switchToHttp();
  const question: Question = {};
  const settle = (error: unknown, user?: unknown): void => {
    const answer = (): Outcome => outcomeFrom(error, user);
    question.answer ??= answer;
    question.wait?.(answer);
  };
  passport.authenticate(strategies, WITHOUT_SESSION, settle)(http.getRequest(), http.getResponse(), settle);
  if (question.answer) return question.answer();
  return new Promise<Answer>((resolve) => void (question.wait = resolve)).then((answer) => answer());
}

type Answer = () => Outcome;

interface Question {
  answer?: Answer;
  wait?: (answer: Answer) => void;
}

function outcomeFrom(error: unknown, user: unknown): Outcome {
  if (error instanceof RefusedException) return error.refusal;
  if (error) throw error;
  if (user === undefined || user === null || user === false) return undefined;
  if (isCaller(user)) return user;
  throw new TypeError(
    'a strategy of @FurtherStrategies succeeded with something that is no Caller: give `done` an object with kind, ' +
      'subject, permissions and the rest of Caller, so that the rules of routes can be checked',
  );
}

/** What the rules of routes are checked with must be there. */
function isCaller(user: unknown): user is Caller {
  if (typeof user !== 'object' || user === null) return false;
  const { kind, subject, permissions, withheldPermissions }: Partial<Record<keyof Caller, unknown>> = user;
  return (
    CALLER_KINDS.some((known) => known === kind) &&
    typeof subject === 'string' &&
    isSet(permissions) &&
    isSet(withheldPermissions)
  );
}

function isSet(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'has' in value && typeof value.has === 'function';
}
