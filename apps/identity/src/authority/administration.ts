import { sql } from 'drizzle-orm';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import type { Ongoing } from '../revocation/revocations.ts';
import type { Administrator } from './administrator.ts';
import type { Reach } from './reach.ts';
import { LastAdministrator } from './refused-change.ts';

/** A change that is being made, and what the one who makes it may come to. */
export interface AdministratedChange extends Ongoing {
  readonly reach: Reach;
}

/**
 * Every change that somebody asks for goes through here. It is one transaction and the only one of its kind at a
 * time, so that what was asked about in it still holds when it is committed.
 */
export class Administration {
  readonly #changes: ChangeLog;

  constructor(changes: ChangeLog) {
    this.#changes = changes;
  }

  /** @throws LastAdministrator when nobody would be left; then nothing has changed */
  change<Result>(by: Administrator, work: (change: AdministratedChange) => Promise<Result>): Promise<Result> {
    return this.#changes.write(by.actor, async (tx, record) => {
      const reach = await by.reach(tx);
      const before = await mostHeld(tx);
      const result = await work({ tx, record, reach });
      if ((await mostHeld(tx)) < before) throw new LastAdministrator();
      return result;
    });
  }
}

/**
 * How many permissions to administrate the user holds, for good, who holds most of them and is not blocked. An
 * administrator is whoever holds as many.
 */
async function mostHeld(tx: Database): Promise<number> {
  const found = await tx.execute<{ held: number }>(sql`
    WITH administrative AS (
      SELECT permission.id FROM permission
      JOIN resource_server ON resource_server.id = permission.resource_server_id
      WHERE resource_server.is_system
    )
    SELECT count(*)::int AS held
    FROM (
      SELECT user_id, permission_id FROM user_permission
      WHERE permission_id IN (SELECT id FROM administrative) AND expires_at IS NULL
      UNION
      SELECT user_role.user_id, role_permission.permission_id
      FROM role_permission
      JOIN user_role ON user_role.role_id = role_permission.role_id
      WHERE role_permission.permission_id IN (SELECT id FROM administrative)
        AND role_permission.expires_at IS NULL AND user_role.expires_at IS NULL
    ) AS given
    JOIN "user" ON "user".id = given.user_id
    WHERE NOT "user".blocked
    GROUP BY given.user_id
    ORDER BY held DESC
    LIMIT 1`);
  return heldIn(found);
}

/** Both of Postgres's drivers answer with rows. */
function heldIn(result: unknown): number {
  const rows = typeof result === 'object' && result !== null && 'rows' in result ? result.rows : result;
  const [first]: unknown[] = Array.isArray(rows) ? rows : [];
  return typeof first === 'object' && first !== null && 'held' in first ? Number(first.held) : 0;
}
