import { and, eq, inArray, ne } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { role, rolePermission } from '../database/schema.ts';
import type { AdministratedChange, Administration } from './administration.ts';
import type { Administrator } from './administrator.ts';
import { permissionsOfRoles, type HeldPermission } from './held-permissions.ts';
import { findNamedPermissions, type NamedPermission } from './named-permissions.ts';
import { newId } from './new-id.ts';
import { Absent, Taken } from './refused-change.ts';
import { apisOf, touchesOfRole } from './touches.ts';

export type Role = typeof role.$inferSelect;

/** Writes roles, and what they bundle. */
export class RoleAdministration {
  readonly #administration: Administration;

  constructor(administration: Administration) {
    this.#administration = administration;
  }

  /** @throws Taken */
  create(by: Administrator, fresh: { readonly name: string; readonly description: string }): Promise<Role> {
    return this.#administration.change(by, async ({ tx, record }) => {
      await assertFree(tx, fresh.name, '');
      const created = { id: newId('rol'), ...fresh };
      await tx.insert(role).values(created);
      await record({ action: 'role.create', target: { kind: 'role', id: created.id }, after: fresh });
      return created;
    });
  }

  /** @throws Absent, Taken, BeyondReach */
  update(
    by: Administrator,
    id: string,
    changes: { readonly name?: string | undefined; readonly description?: string | undefined },
  ): Promise<Role> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const { role: before } = await changeable(change, id);
      const after = {
        id,
        name: changes.name ?? before.name,
        description: changes.description ?? before.description,
      };
      await assertFree(tx, after.name, id);
      await tx.update(role).set(after).where(eq(role.id, id));
      await record({ action: 'role.update', target: { kind: 'role', id }, before, after });
      return after;
    });
  }

  /** @throws Absent, BeyondReach, LastAdministrator */
  remove(by: Administrator, id: string): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const { role: before, permissions } = await changeable(change, id);
      const touches = await touchesOfRole(tx, id, apisOf(permissions));
      await tx.delete(role).where(eq(role.id, id));
      await record({
        action: 'role.delete',
        target: { kind: 'role', id },
        before: { ...before, permissions: permissions.map(({ name }) => name) },
        touches,
      });
    });
  }

  /** @throws Absent, Unfit, BeyondReach */
  givePermissions(by: Administrator, id: string, named: readonly NamedPermission[]): Promise<void> {
    by.assertPresent();
    return this.#administration.change(by, async (change) => {
      const { tx, record, reach } = change;
      await changeable(change, id);
      const given = await findNamedPermissions(tx, named);
      reach.assertGives(given);
      await tx
        .insert(rolePermission)
        .values(given.map((one) => ({ roleId: id, permissionId: one.id, grantedBy: by.actor.subject })))
        .onConflictDoUpdate({
          target: [rolePermission.roleId, rolePermission.permissionId],
          set: { expiresAt: null },
        });
      await record({
        action: 'role.permissions.add',
        target: { kind: 'role', id },
        after: { permissions: named },
        touches: await touchesOfRole(tx, id, apisOf(given)),
      });
    });
  }

  /** Those that the role does not have are no matter. @throws Absent, Unfit, BeyondReach, LastAdministrator */
  takePermissions(by: Administrator, id: string, named: readonly NamedPermission[]): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      await changeable(change, id);
      const taken = await findNamedPermissions(tx, named);
      const ids = taken.map((one) => one.id);
      const gone = await tx
        .delete(rolePermission)
        .where(and(eq(rolePermission.roleId, id), inArray(rolePermission.permissionId, ids)))
        .returning({ id: rolePermission.permissionId });
      if (gone.length === 0) return;
      await record({
        action: 'role.permissions.remove',
        target: { kind: 'role', id },
        before: { permissions: named },
        touches: await touchesOfRole(tx, id, apisOf(taken)),
      });
    });
  }
}

/** The role with what it bundles, if that is not more than the one who asks has. */
async function changeable(
  { tx, reach }: AdministratedChange,
  id: string,
): Promise<{ readonly role: Role; readonly permissions: readonly HeldPermission[] }> {
  const [found] = await tx.select().from(role).where(eq(role.id, id));
  if (!found) throw new Absent('role');
  const permissions = await permissionsOfRoles(tx, [id]);
  reach.assertChanges('role', permissions);
  return { role: found, permissions };
}

async function assertFree(tx: Database, name: string, exceptId: string): Promise<void> {
  const taken = await tx
    .select({ id: role.id })
    .from(role)
    .where(and(eq(role.name, name), ne(role.id, exceptId)));
  if (taken.length > 0) throw new Taken('The role name is already in use.');
}
