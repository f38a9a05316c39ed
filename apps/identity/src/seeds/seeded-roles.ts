import { and, eq, notInArray } from 'drizzle-orm';
import { permission, role, rolePermission } from '../database/schema.ts';
import type { SeedPath } from './described-seed.ts';
import { newId } from '../authority/new-id.ts';
import { changed, type SeedApplication } from './seed-application.ts';
import type { SeededRole } from './seed-file.ts';

export async function applyRole(
  on: SeedApplication,
  { name, description, permissions }: SeededRole,
  path: SeedPath,
): Promise<void> {
  const [found] = await on.tx.select().from(role).where(eq(role.name, name));
  const id = found?.id ?? newId('rol');
  const target = { kind: 'role', id };
  if (found === undefined) {
    await on.tx.insert(role).values({ id, name, description: description ?? '' });
    await on.did('+', `role ${name}`, { action: 'role.create', target, after: { name, description } });
  } else {
    const change = changed(found, { description });
    if (change) {
      await on.tx.update(role).set(change.after).where(eq(role.id, id));
      await on.did('~', `role ${name}: ${change.label}`, { action: 'role.update', target, ...change });
    }
  }
  if (permissions === undefined) return;
  const wanted = on.named(permissions, [...path, 'permissions']);
  const rows = await on.tx.select().from(rolePermission).where(eq(rolePermission.roleId, id));
  const held = rows.map(({ permissionId }) => permissionId);
  for (const one of wanted.filter((each) => !held.includes(each.id))) {
    await on.tx.insert(rolePermission).values({ roleId: id, permissionId: one.id, grantedBy: on.by });
    await on.did('+', `${one.label} in role ${name}`, {
      action: 'role.permissions.add',
      target,
      after: { permissions: [one.label] },
      touches: [{ resourceServerId: one.apiId }],
    });
  }
  for (const one of on.surplus(held, wanted)) {
    const it = and(eq(rolePermission.roleId, id), eq(rolePermission.permissionId, one.id));
    await on.tx.delete(rolePermission).where(it);
    await on.did('-', `${one.label} in role ${name}`, {
      action: 'role.permissions.remove',
      target,
      before: { permissions: [one.label] },
      touches: [{ resourceServerId: one.apiId }],
    });
  }
}

export async function pruneRoles(on: SeedApplication, kept: readonly string[]): Promise<void> {
  for (const { id, name } of await on.tx
    .select()
    .from(role)
    .where(notInArray(role.name, [...kept]))) {
    const bundled = await on.tx
      .select({ apiId: permission.resourceServerId, name: permission.name })
      .from(rolePermission)
      .innerJoin(permission, eq(permission.id, rolePermission.permissionId))
      .where(eq(rolePermission.roleId, id));
    await on.tx.delete(role).where(eq(role.id, id));
    await on.did('-', `role ${name}`, {
      action: 'role.delete',
      target: { kind: 'role', id },
      before: { name, permissions: bundled.map((one) => one.name) },
      touches: [...new Set(bundled.map(({ apiId }) => apiId))].map((resourceServerId) => ({
        resourceServerId,
      })),
    });
  }
}
