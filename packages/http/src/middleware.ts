import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerRule, type CallerRule } from './access-rule.ts';
import {
  createAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
  type Outcome,
} from './authenticator.ts';
import { authorize } from './authorize.ts';
import { callerOf, setCaller } from './caller-of-request.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';
import { Refusal } from './refusal.ts';

/** Plain Node middleware: Express, Fastify with middie, and Nest on both take it as it is. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

const authenticators = new WeakMap<IncomingMessage, Authenticator>();

/**
 * Who is calling? A bad credential ends here; none goes on as anonymous, for the next step to judge.
 *
 * @param options the issuer and audience to trust, or an authenticator that was made before
 */
export function authenticate(options: AuthenticatorOptions | Authenticator): Middleware {
  const authenticator = 'authenticate' in options ? options : createAuthenticator(options);
  return (request, response, next) => {
    authenticators.set(request, authenticator);
    const go = (outcome: Outcome): void => {
      if (outcome instanceof Refusal) return sendRefusal(response, outcome);
      if (outcome !== undefined) setCaller(request, outcome);
      next();
    };
    let outcome: Outcome | Promise<Outcome>;
    try {
      outcome = authenticator.authenticate(request);
    } catch (error) {
      return next(error);
    }
    if (outcome instanceof Promise) outcome.then(go, next);
    else go(outcome);
  };
}

/** May they? All of the permissions, or 403. */
export function requirePermissions(...permissions: readonly [string, ...string[]]): Middleware {
  return requireRule(callerRule({ allOf: permissions }));
}

/** A logged-in user, whatever they may do. A machine needs a permission instead. */
export function requireAuthentication(): Middleware {
  return requireRule(callerRule({ kinds: ['user'] }));
}

function requireRule(rule: CallerRule): Middleware {
  return (request, response, next) => {
    const authenticator = authenticators.get(request);
    if (!authenticator)
      return next(new TypeError('mount authenticate() before a middleware that requires something'));
    const refusal = authorize(rule, callerOf(request), authenticator.refusals);
    if (refusal) sendRefusal(response, refusal);
    else next();
  };
}

/** Does nothing when something else, such as a time limit, has answered meanwhile. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent) return;
  response.writeHead(refusal.status, { 'content-type': PROBLEM_MEDIA_TYPE, ...refusal.headers });
  response.end(JSON.stringify(refusal.problem));
}
