import { sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';

/**
 * Has the database itself refuse to change, delete or empty what the audit holds. To be called once at start. It stops
 * mistakes and whoever can only send statements; who may drop the triggers is found out by checkpoints.
 */
export async function keepAuditAppendOnly(db: Database): Promise<void> {
  await db.transaction(async (tx) => {
    const guarded = await tx.execute(sql`
      SELECT count(*) AS count FROM pg_trigger
      WHERE tgrelid = 'audit_entry'::regclass AND tgname LIKE 'audit_entry_append_only%' AND tgenabled <> 'D'`);
    if (countIn(guarded) === STATEMENTS.length) return;
    // Nodes that start together on one database do this one after the other.
    await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended('audit_entry_append_only', 0))`);
    await tx.execute(sql`
      CREATE OR REPLACE FUNCTION audit_entry_append_only() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'audit entries are only ever appended'; END $$`);
    for (const statement of STATEMENTS) {
      const name = `audit_entry_append_only_${statement.toLowerCase()}`;
      await tx.execute(sql.raw(`DROP TRIGGER IF EXISTS ${name} ON audit_entry`));
      await tx.execute(
        sql.raw(`CREATE TRIGGER ${name} BEFORE ${statement} ON audit_entry
          FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_append_only()`),
      );
    }
  });
}

const STATEMENTS = ['UPDATE', 'DELETE', 'TRUNCATE'];

/** Each driver answers in a shape of its own, and neither in one that the common type knows. */
function countIn(answer: unknown): number {
  const rows = typeof answer === 'object' && answer !== null && 'rows' in answer ? answer.rows : undefined;
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  return typeof row === 'object' && row !== null && 'count' in row ? Number(row.count) : 0;
}
