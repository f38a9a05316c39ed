import type { ExecutionContext } from '@nestjs/common';
import { CALLER_KINDS, Refusal, type Caller, type Outcome } from '@portcullis/http';
import passport, { type Strategy } from 'passport';
import { RefusedException } from '../refused.exception.ts';

const WITHOUT_SESSION = { session: false };

/**
 * Asks Passport who is calling, and leaves the answer to us. It needs the framework's own request, on Fastify too: some
 * strategies read its session or query.
 *
 * @returns undefined when no strategy knows, a Refusal when one sends the user to a login elsewhere; at once when the strategy answers at once, as ours does for a token that
 *   was seen before
 * @throws what a strategy reports as an error; TypeError when it succeeds with something that is no Caller
 */
export function outcomeOfPassport(
  strategies: Strategy | string[],
  context: ExecutionContext,
): Outcome | Promise<Outcome> {
  const question: Question = {};
  const conclude = (answer: Answer): void => {
    question.answer ??= answer;
    question.wait?.(answer);
  };
  const settle = (error: unknown, user?: unknown): void => conclude(() => outcomeFrom(error, user));
  const response = new Redirection(conclude);
  passport.authenticate(strategies, WITHOUT_SESSION, settle)(
    context.switchToHttp().getRequest(),
    response,
    settle,
  );
  if (question.answer) return question.answer();
  return new Promise<Answer>((resolve) => void (question.wait = resolve)).then((answer) => answer());
}

/** The names of the strategies in the `passport` of this process. */
export function registeredStrategies(): readonly string[] {
  // Passport has no other way to ask it (0.7).
  const strategies: unknown = Reflect.get(passport, '_strategies');
  return Object.keys(Object(strategies));
}

type Answer = () => Outcome;

interface Question {
  answer?: Answer;
  wait?: (answer: Answer) => void;
}

/**
 * What Passport takes for Node's response. With a callback it writes redirects alone there (a login elsewhere, as OAuth
 * has it), which are answered as every refusal is: Fastify's response would not take them.
 */
class Redirection {
  statusCode = 302;
  readonly #headers: Record<string, string> = {};
  readonly #conclude: (answer: Answer) => void;

  constructor(conclude: (answer: Answer) => void) {
    this.#conclude = conclude;
  }

  setHeader(name: string, value: string): void {
    if (name.toLowerCase() === 'location') this.#headers['location'] = value;
  }

  end(): void {
    const refusal = new Refusal(
      this.statusCode,
      'this needs a login, at the address in Location',
      this.#headers,
      {
        code: 'ERR_LOGIN_ELSEWHERE',
      },
    );
    this.#conclude(() => refusal);
  }
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
