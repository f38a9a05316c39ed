import { and, eq, inArray, notInArray, or } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { permission, resourceServer, resourceServerAlias } from '../database/schema.ts';
import type { AdministratedChange, Administration } from './administration.ts';
import type { Administrator } from './administrator.ts';
import { permissionsOfApi } from './held-permissions.ts';
import { newId } from './new-id.ts';
import { Absent, BeyondReach, Taken, Unfit } from './refused-change.ts';

export type ResourceServer = typeof resourceServer.$inferSelect;

/** A permission as its API defines it. */
export interface DefinedPermission {
  readonly name: string;
  readonly description: string;
}

export interface ResourceServerChanges {
  readonly name?: string | undefined;
  readonly enforcePolicies?: boolean | undefined;
  readonly tokenDialect?: ResourceServer['tokenDialect'] | undefined;
  readonly tokenLifetime?: number | undefined;
  readonly allowOfflineAccess?: boolean | undefined;
  /** All of them: what is not among these goes, from roles, users and clients too. */
  readonly permissions?: readonly DefinedPermission[] | undefined;
}

/** Writes APIs, and the permissions that they define. */
export class ApiAdministration {
  readonly #administration: Administration;

  constructor(administration: Administration) {
    this.#administration = administration;
  }

  /** @throws Taken, Unfit */
  create(
    by: Administrator,
    identifier: string,
    { permissions = [], ...columns }: ResourceServerChanges,
  ): Promise<ResourceServer> {
    by.assertPresent();
    assertOnce(permissions);
    return this.#administration.change(by, async ({ tx, record }) => {
      await assertFree(tx, identifier);
      const [created] = await tx
        .insert(resourceServer)
        .values({ id: newId('rs'), identifier, ...columns, name: columns.name ?? identifier })
        .returning();
      if (!created) throw new Absent('resource_server');
      await define(tx, created.id, permissions);
      await record({
        action: 'api.create',
        target: { kind: 'api', id: created.id },
        after: { ...created, permissions },
      });
      return created;
    });
  }

  /** @throws Absent, Unfit, BeyondReach */
  update(by: Administrator, id: string, changes: ResourceServerChanges): Promise<ResourceServer> {
    by.assertPresent();
    const { permissions, ...columns } = changes;
    if (permissions) assertOnce(permissions);
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const before = await changeable(change, id);
      const known = await definedBy(tx, id);
      if (permissions) await replace(tx, id, permissions);
      const [after] = await tx
        .update(resourceServer)
        .set({ id, ...columns })
        .where(eq(resourceServer.id, id))
        .returning();
      if (!after) throw new Absent('resource_server');
      await record({
        action: 'api.update',
        target: { kind: 'api', id },
        before: { ...before, permissions: known },
        after: { ...after, permissions: permissions ?? known },
        touches: [{ resourceServerId: id }],
      });
      return after;
    });
  }

  /** @throws Absent, BeyondReach */
  remove(by: Administrator, id: string): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const before = await changeable(change, id);
      const permissions = await definedBy(tx, id);
      await tx.delete(resourceServer).where(eq(resourceServer.id, id));
      await record({
        action: 'api.delete',
        target: { kind: 'api', id },
        before: { ...before, permissions },
        touches: [{ resourceServerId: id }],
      });
    });
  }
}

async function changeable({ tx, reach }: AdministratedChange, id: string): Promise<ResourceServer> {
  const [found] = await tx.select().from(resourceServer).where(eq(resourceServer.id, id));
  if (!found) throw new Absent('resource_server');
  if (found.isSystem) throw new BeyondReach('This API is the system’s own and is not changed here.');
  reach.assertChanges('API', await permissionsOfApi(tx, id));
  return found;
}

function definedBy(tx: Database, id: string): Promise<DefinedPermission[]> {
  return tx
    .select({ name: permission.name, description: permission.description })
    .from(permission)
    .where(eq(permission.resourceServerId, id))
    .orderBy(permission.name);
}

async function define(tx: Database, id: string, permissions: readonly DefinedPermission[]): Promise<void> {
  for (const one of permissions) {
    await tx
      .insert(permission)
      .values({ id: newId('per'), resourceServerId: id, ...one })
      .onConflictDoUpdate({
        target: [permission.resourceServerId, permission.name],
        set: { description: one.description },
      });
  }
}

/** One that keeps its name keeps whoever holds it. */
async function replace(tx: Database, id: string, permissions: readonly DefinedPermission[]): Promise<void> {
  const kept = permissions.map(({ name }) => name);
  const ofApi = eq(permission.resourceServerId, id);
  await tx
    .delete(permission)
    .where(kept.length === 0 ? ofApi : and(ofApi, notInArray(permission.name, kept)));
  await define(tx, id, permissions);
}

function assertOnce(permissions: readonly DefinedPermission[]): void {
  const names = permissions.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw new Unfit('A scope is defined twice.');
}

async function assertFree(tx: Database, identifier: string): Promise<void> {
  const names = [identifier];
  const taken = await tx
    .select({ id: resourceServer.id })
    .from(resourceServer)
    .leftJoin(resourceServerAlias, eq(resourceServerAlias.resourceServerId, resourceServer.id))
    .where(or(inArray(resourceServer.identifier, names), inArray(resourceServerAlias.alias, names)));
  if (taken.length > 0) throw new Taken('A resource server with the same identifier already exists.');
}
