import type { Actor } from '../changes/actor.ts';
import type { Database } from '../database/database.ts';
import { Reach } from './reach.ts';

/** Who changes authority, and how far they may go. */
export interface Administrator {
  readonly actor: Actor;
  /** As of the transaction that the change is made in. */
  reach(tx: Database): Promise<Reach>;
  /**
   * Asked before a change that gives authority: a session that was left open must not be enough for that.
   *
   * @throws when they have to log in again first, or may never
   */
  assertPresent(): void;
}

/** Somebody who has the database in their hands anyway. */
export function unlimited(actor: Actor): Administrator {
  return { actor, reach: () => Promise.resolve(Reach.everything), assertPresent: () => undefined };
}
