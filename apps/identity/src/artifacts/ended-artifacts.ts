import { and, inArray, notInArray, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';

/** Saved as a whole by any request that read them: a late one must not bring an ended one back. */
const ENDED_FOR_GOOD = ['Session', 'Grant'];
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

/** Ends all that the condition names: tokens and codes are gone, sessions and grants can never be saved again. */
export async function endArtifacts(db: Database, which: SQL): Promise<void> {
  await db.delete(artifact).where(and(which, notInArray(artifact.model, ENDED_FOR_GOOD)));
  await db
    .update(artifact)
    .set(tombstone())
    .where(and(which, inArray(artifact.model, ENDED_FOR_GOOD)));
}
