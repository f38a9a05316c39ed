import type { IncomingMessage } from 'node:http';
import type { Caller } from './caller.ts';

/** Under a symbol of our own: nothing a client sends can take a caller's place. A WeakMap costs ten times as much. */
const CALLER = Symbol('portcullis:caller');

interface Authenticated {
  [CALLER]?: Caller;
}

export function setCaller(request: IncomingMessage & Authenticated, caller: Caller): void {
  request[CALLER] = caller;
}

/** The caller that a door authenticated for this request; undefined for an anonymous one. */
export function callerOf(request: IncomingMessage & Authenticated): Caller | undefined {
  return request[CALLER];
}
