import type { Authenticator, Outcome } from './authenticator.ts';
import type { RequestHead } from './request-head.ts';

/** Whom a request is judged by. */
export type Judge = Pick<Authenticator, 'authenticate' | 'refusals'>;

/** What the first who deals with a request leaves on it for those behind. */
export interface Visit {
  readonly judge: Judge;
  /** Once it was: a proof of possession is good for one look. */
  asked: boolean;
  who: Outcome | Promise<Outcome>;
}

const VISIT = Symbol('portcullis:visit');

interface Visited {
  [VISIT]?: Visit;
}

export function visitOf(request: RequestHead & Visited): Visit | undefined {
  return request[VISIT];
}

/** From here on, this judge is the one. */
export function visit(request: RequestHead & Visited, judge: Judge): Visit {
  const known = request[VISIT];
  return known?.judge === judge ? known : (request[VISIT] = { judge, asked: false, who: undefined });
}

/** Who is calling, asked once of one judge, however many handlers a request comes to. */
export function whoIsCalling(request: RequestHead, judge: Judge): Outcome | Promise<Outcome> {
  const visited = visit(request, judge);
  if (!visited.asked) {
    visited.who = judge.authenticate(request);
    visited.asked = true;
  }
  return visited.who;
}
