import { and, eq } from 'drizzle-orm';
import { endArtifacts } from '../artifacts/ended-artifacts.ts';
import { artifact, role, user, userPermission, userRole } from '../database/schema.ts';
import { newUserId } from '../people/user-id.ts';
import type { SeedPath } from './described-seed.ts';
import { changed, type NamedPermission, type SeedApplication } from './seed-application.ts';
import type { SeededUser } from './seed-file.ts';

/** Characters of a password whose owner may change the authority of others. */
const ADMINISTRATORS_PASSWORD = 15;

export async function applyUser(on: SeedApplication, wanted: SeededUser, path: SeedPath): Promise<void> {
  const { email, passwordFrom, roles, permissions, ...rest } = wanted;
  const [found] = await on.tx.select().from(user).where(eq(user.email, email));
  const id = found?.id ?? newUserId();
  const target = { kind: 'user', id };
  if (found === undefined) {
    const nickname = email.slice(0, email.indexOf('@'));
    const passwordHash = on.passwordHashes.get(email);
    if (passwordHash === undefined) throw new Error('a password was not hashed');
    const fresh = {
      name: rest.name ?? nickname,
      nickname,
      emailVerified: true,
      blocked: rest.blocked ?? false,
    };
    await on.tx.insert(user).values({ id, email, passwordHash, ...fresh });
    await on.did('+', `user ${email}`, { action: 'user.create', target, after: { email, ...fresh } });
  } else {
    const change = changed(found, rest);
    if (change) {
      await on.tx
        .update(user)
        .set({ ...change.after, updatedAt: new Date() })
        .where(eq(user.id, id));
      const blocked = rest.blocked === true && !found.blocked;
      await on.did('~', `user ${email}: ${change.label}`, {
        action: 'user.update',
        target,
        ...change,
        ...('blocked' in change.after ? { touches: [{ subject: id }] } : undefined),
        ...(blocked ? { denies: [{ by: 'subject', value: id, issuedUntil: new Date() }] } : undefined),
      });
      if (blocked) await endArtifacts(on.tx, eq(artifact.accountId, id));
    }
  }
  if (roles !== undefined) await applyUserRoles(on, id, email, roles, [...path, 'roles']);
  if (permissions !== undefined)
    await applyUserPermissions(on, id, email, on.named(permissions, [...path, 'permissions']));
  if (found === undefined && passwordFrom !== undefined) await assertLongEnough(on, id, passwordFrom, path);
}

async function assertLongEnough(
  on: SeedApplication,
  id: string,
  passwordFrom: string,
  path: SeedPath,
): Promise<void> {
  const long = (on.secret(passwordFrom) ?? '').length >= ADMINISTRATORS_PASSWORD;
  if (long || (await on.administrators(id)) === 0) return;
  on.complain(
    [...path, 'passwordFrom'],
    `${passwordFrom} has fewer than ${ADMINISTRATORS_PASSWORD} characters, and the user may administrate`,
  );
}

async function applyUserRoles(
  on: SeedApplication,
  userId: string,
  email: string,
  names: readonly string[],
  path: SeedPath,
): Promise<void> {
  const known = await on.tx.select().from(role);
  const rows = await on.tx.select().from(userRole).where(eq(userRole.userId, userId));
  const held = new Set(rows.map(({ roleId }) => roleId));
  const target = { kind: 'user', id: userId };
  const touches = [{ subject: userId }];
  for (const [index, name] of names.entries()) {
    const found = known.find((one) => one.name === name);
    if (found === undefined) {
      on.complain([...path, index], `there is no role "${name}"`);
    } else if (!held.has(found.id)) {
      await on.tx.insert(userRole).values({ userId, roleId: found.id, grantedBy: on.by });
      const after = { roles: [{ id: found.id, name }] };
      await on.did('+', `role ${name} for user ${email}`, {
        action: 'user.roles.add',
        target,
        after,
        touches,
      });
    }
  }
  if (!on.prune) return;
  for (const { id: roleId, name } of known.filter((one) => held.has(one.id) && !names.includes(one.name))) {
    await on.tx.delete(userRole).where(and(eq(userRole.userId, userId), eq(userRole.roleId, roleId)));
    const before = { roles: [{ id: roleId, name }] };
    await on.did('-', `role ${name} for user ${email}`, {
      action: 'user.roles.remove',
      target,
      before,
      touches,
    });
  }
}

async function applyUserPermissions(
  on: SeedApplication,
  userId: string,
  email: string,
  wanted: readonly NamedPermission[],
): Promise<void> {
  const rows = await on.tx.select().from(userPermission).where(eq(userPermission.userId, userId));
  const held = rows.map(({ permissionId }) => permissionId);
  const target = { kind: 'user', id: userId };
  for (const one of wanted.filter((each) => !held.includes(each.id))) {
    await on.tx.insert(userPermission).values({ userId, permissionId: one.id, grantedBy: on.by });
    await on.did('+', `${one.label} for user ${email}`, {
      action: 'user.permissions.add',
      target,
      after: { permissions: [one.label] },
      touches: [{ subject: userId, resourceServerId: one.apiId }],
    });
  }
  for (const one of on.surplus(held, wanted)) {
    await on.tx
      .delete(userPermission)
      .where(and(eq(userPermission.userId, userId), eq(userPermission.permissionId, one.id)));
    await on.did('-', `${one.label} for user ${email}`, {
      action: 'user.permissions.remove',
      target,
      before: { permissions: [one.label] },
      touches: [{ subject: userId, resourceServerId: one.apiId }],
    });
  }
}
