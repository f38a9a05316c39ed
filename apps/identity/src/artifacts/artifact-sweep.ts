import type { Log } from '@portcullis/service';
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';

const EVERY = 5 * 60 * 1000;
const AT_ONCE = 1000;
/** Logins that may be half-way at once. Anybody can begin one, and each is kept for an hour. */
const OPEN_INTERACTIONS = 100_000;

/** Deletes what has expired, now and then. Returns what stops it. */
export function sweepExpired(db: Database, changes: ChangeLog, log: Log): () => void {
  const sweep = async (): Promise<void> => {
    try {
      await deleteExpired(db);
      await closeOldestInteractions(db, OPEN_INTERACTIONS);
      await changes.trim();
    } catch (error) {
      log.error({ err: error }, 'sweep failed');
    }
  };
  // Nodes that were started together do not sweep together.
  const timer = setInterval(() => void sweep(), EVERY * (0.8 + 0.4 * Math.random()));
  timer.unref();
  return () => clearInterval(timer);
}

/** A thousand at a time, past what another node deletes at the moment. */
export async function deleteExpired(db: Database): Promise<number> {
  const due = db
    .select({ publicId: artifact.publicId })
    .from(artifact)
    .where(lt(artifact.expiresAt, sql`now()`))
    .limit(AT_ONCE)
    .for('update', { skipLocked: true });
  let all = 0;
  for (;;) {
    const deleted = await db
      .delete(artifact)
      .where(sql`${artifact.publicId} = any(array(${due}))`)
      .returning({ publicId: artifact.publicId });
    all += deleted.length;
    if (deleted.length < AT_ONCE) return all;
  }
}

/** Keeps the newest: whoever floods us shortens the time for a login, and closes it to nobody. */
export async function closeOldestInteractions(db: Database, keep: number): Promise<void> {
  const isInteraction = eq(artifact.model, 'Interaction');
  const [oldestKept] = await db
    .select({ createdAt: artifact.createdAt })
    .from(artifact)
    .where(isInteraction)
    .orderBy(desc(artifact.createdAt))
    .offset(keep - 1)
    .limit(1);
  if (oldestKept)
    await db.delete(artifact).where(and(isInteraction, lt(artifact.createdAt, oldestKept.createdAt)));
}
