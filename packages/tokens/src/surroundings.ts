import type { Observer } from './observer.ts';

/** What every part of one verifier is given. */
export interface Surroundings {
  readonly production: boolean;
  /** Milliseconds. */
  readonly requestTimeout: number;
  readonly observer: Required<Observer>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds from any origin. Not the wall clock, whose steps must not age or renew what is remembered. */
  readonly monotonic: () => number;
}
