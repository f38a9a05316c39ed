import type { IncomingMessage, ServerResponse } from 'node:http';
import { callerRule, optionalRule, type AccessRule } from './access-rule.ts';
import {
  createAuthenticator,
  type Authenticator,
  type AuthenticatorOptions,
  type Outcome,
} from './authenticator.ts';
import type { CallerKind } from './caller.ts';
import { setCaller } from './caller-of-request.ts';
import { decide } from './decide.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';
import { Refusal } from './refusal.ts';
import { visit, visitOf, whoIsCalling } from './visit.ts';

/** Plain Node middleware: Express, Fastify with middie, and Nest on both take it as it is. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Whom to trust, for every middleware behind it. The credential itself is judged by the first that asks for a caller,
 * so that a route which asks for none, a public one, is not broken by an expired token or a dead issuer.
 *
 * @param who the issuer and audience to trust, or an authenticator that was made before
 * @throws TypeError when the options could not protect anything
 */
export function authenticate(who: AuthenticatorOptions | Authenticator): Middleware {
  const authenticator = authenticatorOf(who);
  return (request, _response, next) => {
    visit(request, authenticator);
    next();
  };
}

/** Made before, or of options. */
export function authenticatorOf(who: AuthenticatorOptions | Authenticator): Authenticator {
  return 'authenticate' in who ? who : createAuthenticator(who);
}

/** Whoever holds all of these permissions, user or machine; others get 403. */
export function requirePermissions(...permissions: readonly [string, ...string[]]): Middleware {
  return requireRule(callerRule({ allOf: permissions }));
}

/** Whoever holds at least one of these permissions, user or machine; others get 403. */
export function requireAnyPermission(...permissions: readonly [string, ...string[]]): Middleware {
  return requireRule(callerRule({ anyOf: permissions }));
}

/**
 * Any logged-in user, whatever they may do.
 *
 * @param options.kind who counts. Default `user`: a machine needs a permission, or to be named here (RFC 9700, 4.15)
 */
export function requireAuthentication(
  options: { readonly kind?: CallerKind | readonly CallerKind[] } = {},
): Middleware {
  return requireRule(callerRule({ kinds: [options.kind ?? 'user'].flat() }));
}

/**
 * A user who logged in lately; others are asked to log in again (RFC 9470, 3), machines get 403.
 *
 * @param maxAge seconds since the login, at most; whole and above 0
 */
export function requireRecentLogin(maxAge: number): Middleware {
  return requireRule(callerRule({ maxLoginAge: maxAge }));
}

/** Anybody; but a credential that is sent is judged, and a bad one refused: never silently anonymous. */
export function optionalAuthentication(): Middleware {
  return requireRule(optionalRule);
}

function requireRule(rule: AccessRule): Middleware {
  return (request, response, next) => {
    const visited = visitOf(request);
    if (!visited)
      return next(new TypeError('mount authenticate() before a middleware that requires something'));
    const { judge } = visited;
    const settle = settling(request, response, next);
    const answer = (who: Outcome): void => settle(decide(rule, who, judge.refusals));
    let who: Outcome | Promise<Outcome>;
    try {
      who = whoIsCalling(request, judge);
    } catch (error) {
      return next(error);
    }
    // Errors of what comes behind `next` are its own.
    if (who instanceof Promise) who.then(answer, next);
    else answer(who);
  };
}

/** What a decision leads to: the refusal is sent, or the request goes on with whoever was admitted. */
export function settling(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): (outcome: Outcome) => void {
  return (outcome) => {
    if (outcome instanceof Refusal) return sendRefusal(response, outcome);
    if (outcome) setCaller(request, outcome);
    next();
  };
}

/** Does nothing when something else, such as a time limit, has answered meanwhile. */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  if (response.headersSent) return;
  response.writeHead(refusal.status, { 'content-type': PROBLEM_MEDIA_TYPE, ...refusal.headers });
  response.end(JSON.stringify(refusal.problem));
}
