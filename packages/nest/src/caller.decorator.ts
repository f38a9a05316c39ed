import 'reflect-metadata';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { callerOf, type Caller } from '@portcullis/http';
import { accessRuleOf, methodNameOf } from './access-metadata.ts';
import { rawRequest } from './raw-request.ts';

const NEEDS_CALLER = Symbol('portcullis:needs-caller');

/** Goes on a parameter that takes what is given to it, and on no other. */
export type CallerParameter<Given> = <Target, Method extends keyof Target, Index extends number>(
  target: Target,
  method: Method,
  index: Index & Fitting<Target[Method], Index, Given>,
) => void;

type Fitting<Method, Index extends number, Given> = Method extends (
  ...parameters: infer Parameters
) => unknown
  ? [Given] extends [Parameters[Index]]
    ? number
    : 'this parameter does not take what @CurrentCaller gives: Caller, or with { optional: true } Caller | undefined'
  : never;

const present = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = currentCaller(context);
  if (caller) return caller;
  const handler = `${context.getClass().name}.${context.getHandler().name}`;
  throw new TypeError(
    `${handler} takes a caller, and there is none: import PortcullisModule, or write @CurrentCaller({ optional: true })`,
  );
});

const possible = createParamDecorator((_data: unknown, context: ExecutionContext): Caller | undefined =>
  currentCaller(context),
);

function currentCaller(context: ExecutionContext): Caller | undefined {
  if (context.getType() === 'http') return callerOf(rawRequest(context));
  // Of a connection the caller is known whatever the message, and one that is public is told of nobody.
  if (context.getType() === 'ws' && isPublic(context)) return undefined;
  return callerAmong(context.getArgs());
}

function isPublic(context: ExecutionContext): boolean {
  const method = methodNameOf(context.getClass(), context.getHandler());
  return method !== undefined && accessRuleOf(context.getClass(), method)?.access === 'public';
}

/**
 * The Caller of this request. On a handler that anonymous requests reach (@Public, @OptionalAuthentication) it keeps the
 * application from starting: there may be none.
 */
export function CurrentCaller(): CallerParameter<Caller>;
/** The Caller of this request, or undefined: on a @Public route always, on an optional one without credential. */
export function CurrentCaller(options: { readonly optional: true }): CallerParameter<Caller | undefined>;
export function CurrentCaller({ optional = false }: { readonly optional?: boolean } = {}): CallerParameter<
  Caller | undefined
> {
  return (target, method, index) => {
    if (typeof target !== 'object' || target === null || typeof method === 'number')
      throw new TypeError('@CurrentCaller goes on a parameter of a handler');
    if (!optional) Reflect.defineMetadata(NEEDS_CALLER, true, target, method);
    (optional ? possible : present)()(target, method, index);
  };
}

/** Whether a handler, or what it overrides, has a parameter that is never without a caller. */
export function needsCaller(controller: Function, methodName: string): boolean {
  return Reflect.getMetadata(NEEDS_CALLER, controller.prototype, methodName) === true;
}

/** Elsewhere the context's door leaves it on what stands for the request among the handler's own arguments. */
function callerAmong(values: readonly unknown[]): Caller | undefined {
  for (const value of values) {
    const caller = typeof value === 'object' && value !== null ? callerOf(value) : undefined;
    if (caller) return caller;
  }
  return undefined;
}
