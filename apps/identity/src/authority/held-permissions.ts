import { and, eq, inArray, type SQL, type SQLWrapper } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  effectiveUserPermission,
  permission,
  resourceServer,
  rolePermission,
  user,
} from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';

export interface HeldPermission {
  readonly id: string;
  readonly name: string;
  readonly resourceServerId: string;
  /** Of an API of ours: a permission to administrate. */
  readonly ofSystem: boolean;
}

/** Directly and through roles, of every API. */
export function permissionsOfUser(db: Database, userId: string): Promise<HeldPermission[]> {
  return permissionsIn(
    db,
    db
      .select({ id: effectiveUserPermission.permissionId })
      .from(effectiveUserPermission)
      .where(eq(effectiveUserPermission.userId, userId)),
  );
}

export function permissionsOfRoles(db: Database, roleIds: readonly string[]): Promise<HeldPermission[]> {
  return permissionsIn(
    db,
    db
      .select({ id: rolePermission.permissionId })
      .from(rolePermission)
      .where(and(inArray(rolePermission.roleId, [...roleIds]), unexpired(rolePermission.expiresAt))),
  );
}

/** What the client was granted, of every API. */
export function permissionsOfClient(db: Database, clientId: string): Promise<HeldPermission[]> {
  return permissionsIn(
    db,
    db
      .select({ id: clientGrantPermission.permissionId })
      .from(clientGrantPermission)
      .innerJoin(clientGrant, eq(clientGrant.id, clientGrantPermission.clientGrantId))
      .where(and(eq(clientGrant.clientId, clientId), unexpired(clientGrantPermission.expiresAt))),
  );
}

export function permissionsOfApi(db: Database, resourceServerId: string): Promise<HeldPermission[]> {
  return permissionsWhere(db, eq(permission.resourceServerId, resourceServerId));
}

/** Those of this API that have these names; those that it does not define are left out. */
export function permissionsNamed(
  db: Database,
  resourceServerId: string,
  names: readonly string[],
): Promise<HeldPermission[]> {
  return permissionsWhere(
    db,
    and(eq(permission.resourceServerId, resourceServerId), inArray(permission.name, [...names])),
  );
}

function permissionsIn(db: Database, ids: SQLWrapper): Promise<HeldPermission[]> {
  return permissionsWhere(db, inArray(permission.id, ids));
}

function permissionsWhere(db: Database, condition: SQL | undefined): Promise<HeldPermission[]> {
  return db
    .select({
      id: permission.id,
      name: permission.name,
      resourceServerId: permission.resourceServerId,
      ofSystem: resourceServer.isSystem,
    })
    .from(permission)
    .innerJoin(resourceServer, eq(resourceServer.id, permission.resourceServerId))
    .where(condition)
    .orderBy(permission.name);
}

/** Somebody, and the client that they act through. */
export interface ActingParty {
  readonly kind: 'user' | 'machine';
  readonly subject: string;
  readonly client: string | undefined;
}

/** What they may do now: nothing when the user is blocked or gone, or the client switched off or gone. */
export async function permissionsOfParty(db: Database, party: ActingParty): Promise<HeldPermission[]> {
  if (party.client === undefined) return [];
  const [through] = await db.select().from(client).where(eq(client.id, party.client));
  if (!through?.enabled) return [];
  const granted = await permissionsOfClient(db, through.id);
  if (party.kind === 'machine') return granted;
  const [person] = await db.select().from(user).where(eq(user.id, party.subject));
  if (!person || person.blocked) return [];
  const held = new Set((await permissionsOfUser(db, person.id)).map(({ id }) => id));
  return granted.filter(({ id }) => held.has(id));
}
