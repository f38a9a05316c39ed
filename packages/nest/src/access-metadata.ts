import {
  CALLER_KINDS,
  callerRule,
  optionalRule,
  publicRule,
  type AccessRule,
  type CallerRule,
} from '@portcullis/http';
import { originalOf } from './original-handler.ts';
import { Declarations, lineage, type Declaration } from './declarations.ts';

type Demand = Partial<Omit<CallerRule, 'access'>>;

/** What one decorator says. */
export type AccessClause = { readonly public: true } | { readonly optional: true } | Demand;

/** What the decorators of one place come to. */
type Said = 'public' | 'optional' | Demand;

export const accessDeclarations = new Declarations<AccessClause>('access');

/** @throws TypeError when it asks for what no rule can ask for */
export function declareAccess(clause: AccessClause): ClassDecorator & MethodDecorator {
  if (!('public' in clause || 'optional' in clause)) callerRule(clause);
  return accessDeclarations.decorator(clause);
}

/**
 * The rule of one handler.
 *
 * The places that may declare one are asked in this order: the method, the same method of each parent, then the class and
 * each parent of it. The first that declares anything decides, and the rest is not added to it. @RecentLogin alone is
 * the exception: it adds to whatever decides after it, and where that lets anybody in, a recent login is still needed.
 *
 * So an override keeps its parent's rule unless it declares its own; a method's rule, inherited or not, wins over that of
 * any class; a mixin is a parent like any other, and a method that was copied from another class brings its rule along.
 *
 * @returns undefined when nothing declares a rule
 * @throws TypeError when the decorators of one place contradict each other, whether or not that place decides
 */
export function accessRuleOf(controller: Function, methodName: string): AccessRule | undefined {
  const said = accessDeclarations.of(controller, methodName).map(saidBy);
  if (said.length === 0) return undefined;
  const decisive = said.findIndex((one) => !asksForLoginAlone(one));
  const heard = decisive === -1 ? said : said.slice(0, decisive + 1);
  const rule = said[decisive] ?? {};
  const maxLoginAge = heard.map(loginAge).find((age) => age !== undefined);
  if (maxLoginAge === undefined) return ruleOf(rule);
  const demand = typeof rule === 'string' ? {} : rule;
  refuseLoginOfMachines(`${controller.name}.${methodName}`, { ...demand, maxLoginAge });
  return ruleOf({ ...demand, maxLoginAge });
}

/**
 * The name under which a controller has this very function, or the one that it wraps; the function's own name may be
 * another.
 */
export function methodNameOf(controller: Function, handler: Function): string | undefined {
  const original = originalOf(handler);
  return lineage(controller)
    .flatMap((owner) => Object.entries(Object.getOwnPropertyDescriptors(owner.prototype)))
    .find(([, { value }]) => value === original)?.[0];
}

function saidBy({ place, clauses }: Declaration<AccessClause>): Said {
  const keys = clauses.flatMap((clause) => Object.keys(clause));
  if (new Set(keys).size < keys.length)
    throw new TypeError(`${place} has the same access decorator twice: keep one`);
  if (keys.length > 1 && keys.includes('public'))
    throw new TypeError(`${place} is @Public and asks for a credential: keep one`);
  if (keys.length > 1 && keys.includes('optional'))
    throw new TypeError(`${place} is @OptionalAuthentication and asks for more than that: keep one`);
  if (keys.includes('public')) return 'public';
  if (keys.includes('optional')) return 'optional';
  const demand: Demand = Object.assign({}, ...clauses);
  refuseLoginOfMachines(place, demand);
  return demand;
}

/** RFC 9470: a machine can never log in again. */
function refuseLoginOfMachines(place: string, { kinds, maxLoginAge }: Demand): void {
  if (maxLoginAge !== undefined && kinds !== undefined && !kinds.includes('user'))
    throw new TypeError(`${place} is for machines alone and has @RecentLogin, which none can meet: keep one`);
}

function loginAge(said: Said): number | undefined {
  return typeof said === 'string' ? undefined : said.maxLoginAge;
}

function asksForLoginAlone(said: Said): boolean {
  return loginAge(said) !== undefined && Object.keys(said).length === 1;
}

function ruleOf(said: Said): AccessRule {
  if (said === 'public') return publicRule;
  if (said === 'optional') return optionalRule;
  const byPermission = (said.allOf ?? said.anyOf) !== undefined;
  // RFC 9470: only a user can log in again, so @RecentLogin alone asks for one.
  return callerRule({ kinds: byPermission ? CALLER_KINDS : ['user'], ...said });
}
