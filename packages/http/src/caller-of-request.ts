import type { Caller } from './caller.ts';

/** Under a symbol of our own: nothing a client sends can take a caller's place. A WeakMap costs ten times as much. */
const CALLER = Symbol('portcullis:caller');

interface Authenticated {
  [CALLER]?: Caller;
}

/** @param request Node's own, or what stands for it elsewhere, such as a connection or a message */
export function setCaller(request: object & Authenticated, caller: Caller): void {
  request[CALLER] = caller;
}

/**
 * The caller that a door authenticated for this request; undefined for an anonymous one.
 *
 * @param request Node's own, Express's, or Fastify's, which keeps Node's in `raw`
 */
export function callerOf(request: object & Authenticated): Caller | undefined {
  return request[CALLER] ?? (hasRaw(request) ? request.raw[CALLER] : undefined);
}

function hasRaw(request: object): request is { readonly raw: Authenticated } {
  return 'raw' in request && typeof request.raw === 'object' && request.raw !== null;
}
