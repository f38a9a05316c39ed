import { METHODS } from 'node:http';
import type { AccessRule } from './access-rule.ts';
import type { Authenticator, AuthenticatorOptions } from './authenticator.ts';
import { admit } from './decide.ts';
import { authenticatorOf, settling, type Middleware } from './middleware.ts';
import { RouteTable, type RouteRules } from './route-rules.ts';

/** An Express 5 application, or one of its routers. */
export interface ExpressRoutes {
  readonly route: Function;
  readonly use: Function;
}

const protectedRoutes = new WeakSet<object>();

/**
 * Gives every route of an Express application its rule, as a handler in front of the route's own: what the router
 * matches is what the rule is for, whatever the spelling of the address, the order of the routes or the settings.
 * Middleware that is no route (`app.use(express.static(…))`) has no rule: it is public by intent.
 *
 * @param app an application or router on which no route was declared and no open router used yet; routers below it need
 *   their own rules
 * @param who the issuer and audience to trust, or an authenticator that was made before
 * @throws TypeError when there are routes already; from then on, for a route without a rule, and for a router that
 *   was not given to this function before it is used
 */
export function protectExpress(
  app: ExpressRoutes,
  who: AuthenticatorOptions | Authenticator,
  rules: RouteRules,
): void {
  const authenticator = authenticatorOf(who);
  const table = new RouteTable(rules);
  const router = 'router' in app && isRoutes(app.router) ? app.router : app;
  if (hasRoutes(router))
    throw new TypeError('call protectExpress before the first route is declared or the first router used');
  // Every way to declare a route goes through the router's `route`.
  const route = router.route.bind(router);
  Object.assign(router, { route: (path: unknown) => guarded(route(path), path, table, authenticator) });
  for (const place of new Set([app, router])) refuseOpenRouters(place);
  protectedRoutes.add(app);
}

/** The route, whose every handler stands behind its rule from now on. */
function guarded(route: object, path: unknown, table: RouteTable, authenticator: Authenticator): object {
  for (const verb of VERBS) {
    const register: unknown = Reflect.get(route, verb);
    if (typeof register !== 'function') continue;
    Reflect.set(route, verb, (...handlers: readonly unknown[]): unknown =>
      register.call(route, admitting(authenticator, rulesOf(table, verb, path)), ...handlers),
    );
  }
  return route;
}

const VERBS: readonly string[] = ['all', ...METHODS.map((method) => method.toLowerCase())];

function refuseOpenRouters(place: ExpressRoutes): void {
  const use = place.use.bind(place);
  Object.assign(place, {
    use: (...given: readonly unknown[]): unknown => {
      if (given.flat(Infinity).some((one) => isRoutes(one) && !protectedRoutes.has(one))) {
        throw new TypeError(
          'nothing says who may use the routes of this router: protectExpress(router, …) before app.use',
        );
      }
      return use(...given);
    },
  });
}

/** By the method of a request: a handler of `get` gets HEAD too, and one of `all` gets every method. */
function rulesOf(table: RouteTable, verb: string, path: unknown): ReadonlyMap<string, AccessRule> {
  const declared = verb.toUpperCase();
  const rule = ruleOf(table, declared, path);
  const others = verb === 'all' ? METHODS : verb === 'get' ? ['HEAD'] : [];
  return new Map([
    [declared, rule],
    ...others.map((method) => [method, ruleOf(table, method, path)] as const),
  ]);
}

function ruleOf(table: RouteTable, method: string, path: unknown): AccessRule {
  const rules = [path].flat(Infinity).map((one) => table.declaredRuleOf(method, String(one)));
  const [rule] = rules;
  if (rule === undefined || rules.some((other) => other !== rule))
    throw new TypeError(`the paths of ${method} ${String(path)} have several rules: declare them one by one`);
  return rule;
}

function admitting(authenticator: Authenticator, rules: ReadonlyMap<string, AccessRule>): Middleware {
  return (request, response, next) => {
    const settle = settling(request, response, next);
    const outcome = admit(authenticator, rules.get(request.method ?? ''), request);
    if (outcome instanceof Promise) outcome.then(settle, next);
    else settle(outcome);
  };
}

function isRoutes(value: unknown): value is ExpressRoutes {
  return (
    typeof value === 'function' &&
    'route' in value &&
    typeof value.route === 'function' &&
    'use' in value &&
    typeof value.use === 'function'
  );
}

interface Layer {
  readonly route?: unknown;
  readonly handle: unknown;
  readonly name: string;
}

/** Routes of its own, or of what was mounted on it. */
function hasRoutes(router: object): boolean {
  const stack: unknown = Reflect.get(router, 'stack');
  return Array.isArray(stack) && stack.some(leadsToRoutes);
}

/** An application below is mounted in a function of that name. */
function leadsToRoutes({ route, handle, name }: Layer): boolean {
  return route !== undefined || name === 'mounted_app' || (isRoutes(handle) && !protectedRoutes.has(handle));
}
