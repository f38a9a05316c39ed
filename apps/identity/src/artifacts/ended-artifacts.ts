import { and, eq, inArray, notInArray, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';

/** Saved as a whole by any request that read them: a late one must not bring an ended one back. */
const ENDED_FOR_GOOD = ['Session', 'Grant'];
/** A page on which somebody is asked something; it names a grant or session that was there, and gives none. */
const INTERACTION = 'Interaction';
const TOMBSTONE_LIFE = 60 * 60 * 1000;

export function endsForGood(model: string): boolean {
  return ENDED_FOR_GOOD.includes(model);
}

/** What is left of one that ended for good: nothing but that it did. */
export function tombstone() {
  const now = Date.now();
  return {
    payload: {},
    grantId: null,
    accountId: null,
    sessionUid: null,
    device: null,
    consumedAt: new Date(now),
    expiresAt: new Date(now + TOMBSTONE_LIFE),
  };
}

/**
 * Ends all that the condition names: tokens and codes are gone, sessions and grants can never be saved again.
 * Returns how many there were.
 */
export async function endArtifacts(db: Database, which: SQL): Promise<number> {
  const one = { model: artifact.model };
  const gone = await db
    .delete(artifact)
    .where(and(which, notInArray(artifact.model, [...ENDED_FOR_GOOD, INTERACTION])))
    .returning(one);
  const ended = await db
    .update(artifact)
    .set(tombstone())
    .where(and(which, inArray(artifact.model, ENDED_FOR_GOOD)))
    .returning(one);
  return gone.length + ended.length;
}

/** Interactions in which the user has logged in already, and which would only have to be gone on with. */
export async function endLoggedInInteractions(db: Database, userId: string): Promise<void> {
  await db
    .delete(artifact)
    .where(
      and(
        eq(artifact.model, INTERACTION),
        sql`${artifact.payload} #>> '{result,login,accountId}' = ${userId}`,
      ),
    );
}
