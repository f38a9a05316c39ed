import 'reflect-metadata';
import {
  CALLER_KINDS,
  callerRule,
  optionalRule,
  publicRule,
  type AccessRule,
  type CallerRule,
} from '@portcullis/http';

/** What one decorator says. */
export type AccessClause =
  { readonly public: true } | { readonly optional: true } | Partial<Omit<CallerRule, 'access'>>;

const ACCESS = Symbol('portcullis:access');

/** Kept beside the class, by the method's name: a decorator that replaces the function loses nothing. */
export function declareAccess(clause: AccessClause): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (method === undefined && typeof target === 'function') declare(clause, target);
    else if (typeof target === 'object' && typeof descriptor?.value === 'function')
      declare(clause, target, method);
    else throw new TypeError('access decorators go on a class or on a method of its instances');
  };
}

function declare(clause: AccessClause, place: object, method?: string | symbol): void {
  const clauses = [clause, ...ownClauses(place, method)];
  if (method === undefined) Reflect.defineMetadata(ACCESS, clauses, place);
  else Reflect.defineMetadata(ACCESS, clauses, place, method);
}

function ownClauses(place: object, method?: string | symbol): readonly AccessClause[] {
  const clauses: unknown =
    method === undefined
      ? Reflect.getOwnMetadata(ACCESS, place)
      : Reflect.getOwnMetadata(ACCESS, place, method);
  return Array.isArray(clauses) ? clauses : [];
}

/**
 * The rule of one handler. A method's decorators win over its class's, except that @RecentLogin alone
 * adds to what the class asks for. Each is looked for along the prototypes, so that neither an override
 * nor a subclass loses what its parent declared.
 *
 * @returns undefined when nothing declares a rule
 * @throws TypeError when the decorators contradict each other
 */
export function accessRuleOf(controller: Function, methodName: string): AccessRule | undefined {
  const ofMethod = methodClauses(controller, methodName);
  const ofClass = classClauses(controller);
  const clauses = ofMethod && ofClass && ofMethod.every(isLoginAge) ? added(ofMethod, ofClass) : ofMethod;
  const decisive = clauses ?? ofClass;
  return decisive && combine(decisive, `${controller.name}.${methodName}`);
}

/** The name under which a controller has this very function; the function's own name may be another. */
export function methodNameOf(controller: Function, handler: Function): string | undefined {
  return lineage(controller)
    .flatMap((owner) => Object.entries(Object.getOwnPropertyDescriptors(owner.prototype)))
    .find(([, { value }]) => value === handler)?.[0];
}

function methodClauses(controller: Function, methodName: string): readonly AccessClause[] | undefined {
  return lineage(controller)
    .map((owner) => ownClauses(owner.prototype, methodName))
    .find((clauses) => clauses.length > 0);
}

function classClauses(controller: Function): readonly AccessClause[] | undefined {
  return lineage(controller)
    .map((owner) => ownClauses(owner))
    .find((clauses) => clauses.length > 0);
}

function isLoginAge(clause: AccessClause): boolean {
  return 'maxLoginAge' in clause;
}

function added(loginAge: readonly AccessClause[], ofClass: readonly AccessClause[]): readonly AccessClause[] {
  return [...loginAge, ...ofClass.filter((clause) => !('public' in clause) && !isLoginAge(clause))];
}

function lineage(controller: Function): readonly Function[] {
  const parent: unknown = Object.getPrototypeOf(controller);
  return typeof parent === 'function' && parent !== Function.prototype
    ? [controller, ...lineage(parent)]
    : [controller];
}

function combine(clauses: readonly AccessClause[], handler: string): AccessRule {
  const demands = clauses.filter((clause) => !('public' in clause));
  if (demands.length === 0) return publicRule;
  if (clauses.every((clause) => 'optional' in clause)) return optionalRule;
  if (clauses.some((clause) => 'optional' in clause))
    throw new TypeError(`${handler} is @OptionalAuthentication and asks for more than that: keep one`);
  if (demands.length < clauses.length)
    throw new TypeError(`${handler} is @Public and asks for a credential: keep one`);
  const merged: Partial<Omit<CallerRule, 'access'>> = Object.assign({}, ...demands);
  const keys = demands.flatMap((clause) => Object.keys(clause));
  if (new Set(keys).size < keys.length)
    throw new TypeError(`${handler} has the same access decorator twice: keep one`);
  const byPermission = (merged.allOf ?? merged.anyOf) !== undefined;
  // RFC 9470: only a user can log in again, so @RecentLogin alone asks for one.
  return callerRule({ kinds: byPermission ? CALLER_KINDS : ['user'], ...merged });
}
