import type { Database } from '../database/database.ts';
import { logHead } from '../database/schema.ts';

export type LogHead = typeof logHead.$inferSelect;

/** Reads the log as of one moment: what is trimmed or written meanwhile is not seen by half. */
export function atOneMoment<Result>(
  db: Database,
  work: (tx: Database, head: LogHead) => Promise<Result>,
): Promise<Result> {
  return db.transaction(
    async (tx) => {
      const [head] = await tx.select().from(logHead);
      if (!head) throw new Error('the change log was not opened');
      return work(tx, head);
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}
