import type { IncomingMessage } from 'node:http';
import type { Caller } from './caller.ts';

/** Beside the request, not on it: nothing a client sends can take a caller's place. */
const callers = new WeakMap<IncomingMessage, Caller>();

export function setCaller(request: IncomingMessage, caller: Caller): void {
  callers.set(request, caller);
}

/** The caller that a door authenticated for this request; undefined for an anonymous one. */
export function callerOf(request: IncomingMessage): Caller | undefined {
  return callers.get(request);
}
