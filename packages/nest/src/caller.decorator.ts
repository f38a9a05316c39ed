import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { callerOf, type Caller } from '@portcullis/http';
import { rawRequest } from './raw-request.ts';

/** The Caller of this request; undefined on a @Public route. */
export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller | undefined =>
    context.getType() === 'http' ? callerOf(rawRequest(context)) : callerAmong(context.getArgs()),
);

/** Elsewhere the context's door leaves it on what stands for the request among the handler's own arguments. */
function callerAmong(values: readonly unknown[]): Caller | undefined {
  for (const value of values) {
    const caller = typeof value === 'object' && value !== null ? callerOf(value) : undefined;
    if (caller) return caller;
  }
  return undefined;
}
