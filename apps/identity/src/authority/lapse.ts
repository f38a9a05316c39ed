import type { Log } from '@portcullis/service';
import { eq, inArray, lte, min, sql } from 'drizzle-orm';
import { SYSTEM } from '../changes/actor.ts';
import type { ChangeLog, RecordChange } from '../changes/change-log.ts';
import type { Touch } from '../changes/change.ts';
import type { Database } from '../database/database.ts';
import {
  clientGrant,
  clientGrantPermission,
  permission,
  rolePermission,
  userPermission,
  userRole,
} from '../database/schema.ts';
import { permissionsOfRoles } from './held-permissions.ts';
import { apisOf, touchesOfRole, touchesOfUsers } from './touches.ts';

/** Milliseconds: nobody may have told us of one that another node was asked for. */
const LONGEST_WAIT = 30_000;
const SHORTEST_WAIT = 50;

/**
 * Takes away what was given until a time, when that time comes. What is read stops counting it by itself; this
 * is for those who have to hear of it. Returns what stops it.
 */
export function lapseAuthority(db: Database, changes: ChangeLog, log: Log): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    clearTimeout(timer);
    let wait = LONGEST_WAIT;
    try {
      wait = await untilNext(db);
      if (wait <= 0) {
        await changes.write(SYSTEM, lapse);
        wait = await untilNext(db);
      }
    } catch (error) {
      if (!stopped) log.error({ err: error }, 'lapse failed');
      wait = 1000;
    }
    running = false;
    if (stopped) return;
    timer = setTimeout(() => void run(), again ? 0 : Math.min(Math.max(wait, SHORTEST_WAIT), LONGEST_WAIT));
    timer.unref();
    again = false;
  };
  const unsubscribe = changes.onNews(() => void run());
  void run();
  return () => {
    stopped = true;
    unsubscribe();
    clearTimeout(timer);
  };
}

/** Milliseconds by the database's clock; for none, long. */
async function untilNext(db: Database): Promise<number> {
  const next = await Promise.all(
    [userRole, userPermission, rolePermission, clientGrantPermission].map(async (table) => {
      const [row] = await db
        .select({ wait: sql<string | null>`extract(epoch from ${min(table.expiresAt)} - now()) * 1000` })
        .from(table);
      return row?.wait === null || row === undefined ? LONGEST_WAIT : Number(row.wait);
    }),
  );
  return Math.min(...next);
}

async function lapse(tx: Database, record: RecordChange): Promise<void> {
  const now = sql`now()`;
  for (const { userId, roleId } of await tx
    .delete(userRole)
    .where(lte(userRole.expiresAt, now))
    .returning({ userId: userRole.userId, roleId: userRole.roleId })) {
    const touches = touchesOfUsers([userId], apisOf(await permissionsOfRoles(tx, [roleId])));
    await record(lapsed('user', userId, { role: roleId }, touches));
  }
  for (const { userId, permissionId } of await tx
    .delete(userPermission)
    .where(lte(userPermission.expiresAt, now))
    .returning({ userId: userPermission.userId, permissionId: userPermission.permissionId })) {
    const { name, apis } = await named(tx, permissionId);
    await record(lapsed('user', userId, { permission: name }, touchesOfUsers([userId], apis)));
  }
  for (const { roleId, permissionId } of await tx
    .delete(rolePermission)
    .where(lte(rolePermission.expiresAt, now))
    .returning({ roleId: rolePermission.roleId, permissionId: rolePermission.permissionId })) {
    const { name, apis } = await named(tx, permissionId);
    await record(lapsed('role', roleId, { permission: name }, await touchesOfRole(tx, roleId, apis)));
  }
  for (const { clientGrantId, permissionId } of await tx
    .delete(clientGrantPermission)
    .where(lte(clientGrantPermission.expiresAt, now))
    .returning({
      clientGrantId: clientGrantPermission.clientGrantId,
      permissionId: clientGrantPermission.permissionId,
    })) {
    const { name } = await named(tx, permissionId);
    const [grant] = await tx
      .select()
      .from(clientGrant)
      .where(inArray(clientGrant.id, [clientGrantId]));
    if (!grant) continue;
    const { clientId, resourceServerId } = grant;
    await record(lapsed('client', clientId, { permission: name }, [{ clientId, resourceServerId }]));
  }
}

function lapsed(kind: 'user' | 'role' | 'client', id: string, before: object, touches: readonly Touch[]) {
  return { action: `${kind}.authority.lapse`, target: { kind, id }, before, touches };
}

async function named(
  tx: Database,
  permissionId: string,
): Promise<{ readonly name: string | undefined; readonly apis: string[] }> {
  const [found] = await tx.select().from(permission).where(eq(permission.id, permissionId));
  return { name: found?.name, apis: found ? [found.resourceServerId] : [] };
}
