import type { GuardedHandler } from '../gate.ts';
import type { Outcome } from '@portcullis/http';

/** Who calls through one GraphQL context. */
export interface Calling {
  /** Of a request what it came in with; of a connection what its credential is worth now. */
  who(): Outcome | Promise<Outcome>;
  readonly requestId: string | undefined;
  /** The handler of the subscription that was let in; to be asked about again at each event. */
  subscribed?: GuardedHandler;
}

/** Nobody: an operation that came neither over HTTP nor over a connection. */
const NOBODY: Calling = Object.freeze({ who: () => undefined, requestId: undefined });

const CALLING = Symbol('portcullis:calling');

/** A copy, as Nest and Apollo make one: the application may give the same object to every request. */
export function withCalling(context: unknown, calling: Calling): object {
  const given = typeof context === 'object' && context !== null ? context : {};
  return Object.assign(Object.create(Object.getPrototypeOf(given)), given, { [CALLING]: calling });
}

export function callingOf(context: unknown): Calling {
  if (typeof context !== 'object' || context === null || !(CALLING in context)) return NOBODY;
  return context[CALLING] as Calling;
}
