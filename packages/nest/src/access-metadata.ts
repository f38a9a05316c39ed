import 'reflect-metadata';
import { CALLER_KINDS, callerRule, publicRule, type AccessRule, type CallerRule } from '@portcullis/http';

/** What one decorator says. */
export type AccessClause = { readonly public: true } | Partial<Omit<CallerRule, 'access'>>;

const ACCESS = Symbol('portcullis:access');

export function declareAccess(clause: AccessClause): ClassDecorator & MethodDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const place: unknown = descriptor ? descriptor.value : target;
    if (typeof place !== 'function') throw new TypeError('access decorators go on a class or a method');
    Reflect.defineMetadata(ACCESS, [clause, ...ownClauses(place)], place);
  };
}

function ownClauses(place: object): readonly AccessClause[] {
  const clauses: unknown = Reflect.getOwnMetadata(ACCESS, place);
  return Array.isArray(clauses) ? clauses : [];
}

/**
 * The rule of one handler. A method's decorators win over its class's. Each is looked for along the
 * prototypes, so that neither an override nor a subclass loses what its parent declared.
 *
 * @returns undefined when nothing declares a rule
 * @throws TypeError when the decorators contradict each other
 */
export function accessRuleOf(controller: Function, methodName: string): AccessRule | undefined {
  const clauses = methodClauses(controller, methodName) ?? classClauses(controller);
  if (!clauses) return undefined;
  return combine(clauses, `${controller.name}.${methodName}`);
}

function methodClauses(controller: Function, methodName: string): readonly AccessClause[] | undefined {
  for (const owner of lineage(controller)) {
    const prototype: unknown = owner.prototype;
    if (typeof prototype !== 'object' || prototype === null || !Object.hasOwn(prototype, methodName))
      continue;
    const method: unknown = Reflect.get(prototype, methodName);
    const clauses = typeof method === 'function' ? ownClauses(method) : [];
    if (clauses.length > 0) return clauses;
  }
  return undefined;
}

function classClauses(controller: Function): readonly AccessClause[] | undefined {
  return lineage(controller)
    .map(ownClauses)
    .find((clauses) => clauses.length > 0);
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
