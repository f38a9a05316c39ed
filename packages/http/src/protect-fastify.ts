import { METHODS, type IncomingMessage } from 'node:http';
import type { Authenticator, AuthenticatorOptions, Outcome } from './authenticator.ts';
import { setCaller } from './caller-of-request.ts';
import { admit } from './decide.ts';
import { authenticatorOf } from './middleware.ts';
import { PROBLEM_MEDIA_TYPE } from './problem.ts';
import { Refusal } from './refusal.ts';
import { RouteTable, type RouteRules } from './route-rules.ts';

/** A Fastify 5 instance, as far as it is needed. */
export interface FastifyRoutes {
  addHook(name: 'onRoute', hook: (route: DeclaredRoute) => void): unknown;
  addHook(
    name: 'onRequest',
    hook: (request: RoutedRequest, reply: Reply, done: (error?: Error) => void) => void,
  ): unknown;
  addHook(name: 'onReady', hook: (done: (error?: Error) => void) => void): unknown;
  hasRoute(route: { method: string; url: string }): boolean;
}

interface DeclaredRoute {
  readonly method: string | string[];
  readonly url: string;
}

interface RoutedRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  /** Nothing matched, so that no handler will be called. */
  readonly is404: boolean;
  readonly routeOptions: { readonly url?: string | undefined };
}

interface Reply {
  code(status: number): Reply;
  headers(values: Record<string, string>): Reply;
  send(payload: Buffer): unknown;
}

/**
 * Gives every route of a Fastify application its rule, decided after the router has matched and before the body is
 * read: what the router matches is what the rule is for. All versions and hosts of a route have one rule.
 *
 * @param app the root instance, before its routes; a plugin that has to answer first, such as CORS, is registered before
 * @param who the issuer and audience to trust, or an authenticator that was made before
 * @throws TypeError from the declaration of a route without a rule; at start for a rule that no route has
 */
export function protectFastify(
  app: FastifyRoutes,
  who: AuthenticatorOptions | Authenticator,
  rules: RouteRules,
): void {
  const authenticator = authenticatorOf(who);
  const table = new RouteTable(rules);
  app.addHook('onRoute', ({ method, url }) => {
    for (const one of [method].flat()) table.declaredRuleOf(one, url);
  });
  app.addHook('onReady', (done) => {
    // Those declared before the hook above are known to the router alone.
    const line = table.unused.find(
      ({ method, path }) =>
        !(method === 'ALL' ? METHODS : [method]).some((one) => app.hasRoute({ method: one, url: path })),
    );
    done(
      line === undefined
        ? undefined
        : new TypeError(`there is no route "${line.method} ${line.path}" for this rule`),
    );
  });
  // Asked again here: a route that was declared before the hook above is refused.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) return done();
    const go = (outcome: Outcome): void => {
      if (outcome instanceof Refusal) return answer(reply, outcome);
      if (outcome) setCaller(request.raw, outcome);
      done();
    };
    const outcome = admit(
      authenticator,
      table.ruleOf(request.method, request.routeOptions.url ?? ''),
      request.raw,
    );
    if (outcome instanceof Promise) outcome.then(go, done);
    else go(outcome);
  });
}

function answer(reply: Reply, { status, headers, problem }: Refusal): void {
  reply
    .code(status)
    .headers({ ...headers, 'content-type': PROBLEM_MEDIA_TYPE })
    // As bytes: to text Fastify would add a charset, which JSON has not (RFC 8259, 11).
    .send(Buffer.from(JSON.stringify(problem)));
}
