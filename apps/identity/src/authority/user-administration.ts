import { and, eq, inArray } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { role, user, userPermission, userRole } from '../database/schema.ts';
import { hashPassword } from '../people/password.ts';
import { newUserId } from '../people/user-id.ts';
import type { User } from '../people/user-store.ts';
import type { Revocations } from '../revocation/revocations.ts';
import { assertAcceptable } from './accepted-password.ts';
import type { AdministratedChange, Administration } from './administration.ts';
import type { Administrator } from './administrator.ts';
import { permissionsOfRoles, permissionsOfUser, type HeldPermission } from './held-permissions.ts';
import { findNamedPermissions, type NamedPermission } from './named-permissions.ts';
import { Absent, Taken } from './refused-change.ts';
import { apisOf, touchesOfUsers } from './touches.ts';

type Metadata = Readonly<Record<string, unknown>>;

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly emailVerified?: boolean | undefined;
  readonly name?: string | undefined;
  readonly nickname?: string | undefined;
  readonly picture?: string | undefined;
  readonly blocked?: boolean | undefined;
  readonly userMetadata?: Metadata | undefined;
  readonly appMetadata?: Metadata | undefined;
}

/** Metadata is merged member by member; a member that is null goes. */
export type UserChanges = {
  readonly [Name in Exclude<keyof NewUser, 'picture'>]?: NewUser[Name] | undefined;
} & { readonly picture?: string | null | undefined };

/** Writes users, and what they may do. */
export class UserAdministration {
  readonly #administration: Administration;
  readonly #revocations: Revocations;

  constructor(administration: Administration, revocations: Revocations) {
    this.#administration = administration;
    this.#revocations = revocations;
  }

  /** @throws Taken, Unfit */
  async create(by: Administrator, fresh: NewUser): Promise<User> {
    assertAcceptable(fresh.password, { ...fresh, administers: false });
    const passwordHash = await hashPassword(fresh.password);
    return this.#administration.change(by, async ({ tx, record }) => {
      const email = fresh.email.toLowerCase();
      await assertFree(tx, email);
      const values = {
        id: newUserId(),
        email,
        emailVerified: fresh.emailVerified ?? false,
        name: fresh.name ?? email,
        nickname: fresh.nickname ?? email.slice(0, email.indexOf('@')),
        picture: fresh.picture ?? null,
        blocked: fresh.blocked ?? false,
        userMetadata: fresh.userMetadata ?? {},
        appMetadata: fresh.appMetadata ?? {},
      };
      const [created] = await tx
        .insert(user)
        .values({ ...values, passwordHash })
        .returning();
      if (!created) throw new Absent('user');
      await record({
        action: 'user.create',
        target: { kind: 'user', id: created.id },
        after: described(created),
      });
      return created;
    });
  }

  /** @throws Absent, Taken, Unfit, BeyondReach, LastAdministrator */
  async update(by: Administrator, id: string, changes: UserChanges): Promise<User> {
    const { password, email, blocked, userMetadata, appMetadata, ...profile } = changes;
    // With each of these somebody could come to be this user.
    if (password !== undefined || email !== undefined || blocked === false) by.assertPresent();
    const passwordHash = password === undefined ? undefined : await hashPassword(password);
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const found = await this.#changeable(change, id);
      if (password !== undefined) {
        const administers = found.permissions.some((one) => one.ofSystem);
        assertAcceptable(password, { ...found.user, email: email ?? found.user.email, administers });
      }
      const before = found.user;
      const address = email?.toLowerCase();
      if (address !== undefined && address !== before.email) await assertFree(tx, address);
      const now = new Date();
      const [after] = await tx
        .update(user)
        .set({
          ...profile,
          email: address,
          blocked,
          passwordHash,
          ...(userMetadata && { userMetadata: merged(before.userMetadata, userMetadata) }),
          ...(appMetadata && { appMetadata: merged(before.appMetadata, appMetadata) }),
          ...(passwordHash === undefined ? undefined : { passwordChangedAt: now }),
          updatedAt: now,
        })
        .where(eq(user.id, id))
        .returning();
      if (!after) throw new Absent('user');
      const blockedNow = after.blocked !== before.blocked;
      await record({
        action: 'user.update',
        target: { kind: 'user', id },
        before: described(before),
        after: {
          ...described(after),
          ...(passwordHash === undefined ? undefined : { password: 'changed' }),
          ...(userMetadata && { userMetadata: 'changed' }),
          ...(appMetadata && { appMetadata: 'changed' }),
        },
        touches: blockedNow ? [{ subject: id }] : [],
      });
      if (passwordHash !== undefined || (blockedNow && after.blocked)) {
        await this.#revocations.userEnded(change, id);
      }
      return after;
    });
  }

  /** @throws Absent, BeyondReach, LastAdministrator */
  remove(by: Administrator, id: string): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const found = await this.#changeable(change, id);
      const roles = await rolesOf(tx, id);
      await this.#revocations.userEnded(change, id);
      await tx.delete(user).where(eq(user.id, id));
      await record({
        action: 'user.delete',
        target: { kind: 'user', id },
        before: {
          ...described(found.user),
          roles: roles.map(({ name }) => name),
          permissions: found.permissions.map(({ name }) => name),
        },
        touches: [{ subject: id }],
      });
    });
  }

  /** @throws Absent, BeyondReach */
  giveRoles(
    by: Administrator,
    userIds: readonly string[],
    roleIds: readonly string[],
    expiresAt?: Date,
  ): Promise<void> {
    by.assertPresent();
    return this.#administration.change(by, async (change) => {
      const { tx, record, reach } = change;
      await assertRoles(tx, roleIds);
      const given = await permissionsOfRoles(tx, roleIds);
      reach.assertGives(given);
      for (const id of userIds) {
        await this.#changeable(change, id);
        const until = expiresAt ?? null;
        await tx
          .insert(userRole)
          .values(
            roleIds.map((roleId) => ({
              userId: id,
              roleId,
              grantedBy: by.actor.subject,
              expiresAt: until,
            })),
          )
          .onConflictDoUpdate({ target: [userRole.userId, userRole.roleId], set: { expiresAt: until } });
        await record({
          action: 'user.roles.add',
          target: { kind: 'user', id },
          after: { roles: roleIds, expiresAt: until },
          touches: touchesOfUsers([id], apisOf(given)),
        });
      }
    });
  }

  /** Those that the user does not have are no matter. @throws Absent, BeyondReach, LastAdministrator */
  takeRoles(by: Administrator, id: string, roleIds: readonly string[]): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      await this.#changeable(change, id);
      await assertRoles(tx, roleIds);
      const taken = await permissionsOfRoles(tx, roleIds);
      const gone = await tx
        .delete(userRole)
        .where(and(eq(userRole.userId, id), inArray(userRole.roleId, [...roleIds])))
        .returning({ roleId: userRole.roleId });
      if (gone.length === 0) return;
      await record({
        action: 'user.roles.remove',
        target: { kind: 'user', id },
        before: { roles: gone.map(({ roleId }) => roleId) },
        touches: touchesOfUsers([id], apisOf(taken)),
      });
    });
  }

  /** @throws Absent, Unfit, BeyondReach */
  givePermissions(
    by: Administrator,
    id: string,
    named: readonly NamedPermission[],
    expiresAt?: Date,
  ): Promise<void> {
    by.assertPresent();
    return this.#administration.change(by, async (change) => {
      const { tx, record, reach } = change;
      const given = await findNamedPermissions(tx, named);
      reach.assertGives(given);
      await this.#changeable(change, id);
      const until = expiresAt ?? null;
      await tx
        .insert(userPermission)
        .values(
          given.map((one) => ({
            userId: id,
            permissionId: one.id,
            grantedBy: by.actor.subject,
            expiresAt: until,
          })),
        )
        .onConflictDoUpdate({
          target: [userPermission.userId, userPermission.permissionId],
          set: { expiresAt: until },
        });
      await record({
        action: 'user.permissions.add',
        target: { kind: 'user', id },
        after: { permissions: named, expiresAt: until },
        touches: touchesOfUsers([id], apisOf(given)),
      });
    });
  }

  /** Those that the user does not have are no matter. @throws Absent, Unfit, BeyondReach, LastAdministrator */
  takePermissions(by: Administrator, id: string, named: readonly NamedPermission[]): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      await this.#changeable(change, id);
      const taken = await findNamedPermissions(tx, named);
      const ids = taken.map((one) => one.id);
      const gone = await tx
        .delete(userPermission)
        .where(and(eq(userPermission.userId, id), inArray(userPermission.permissionId, ids)))
        .returning({ id: userPermission.permissionId });
      if (gone.length === 0) return;
      await record({
        action: 'user.permissions.remove',
        target: { kind: 'user', id },
        before: { permissions: named },
        touches: touchesOfUsers([id], apisOf(taken)),
      });
    });
  }

  /** The user with what they hold, if that is not more than the one who asks has. */
  async #changeable({ tx, reach }: AdministratedChange, id: string): Promise<ChangeableUser> {
    const [found] = await tx.select().from(user).where(eq(user.id, id));
    if (!found) throw new Absent('user');
    const permissions = await permissionsOfUser(tx, id);
    reach.assertChanges('user', permissions);
    return { user: found, permissions };
  }
}

interface ChangeableUser {
  readonly user: User;
  readonly permissions: readonly HeldPermission[];
}

async function assertFree(tx: Database, email: string): Promise<void> {
  const taken = await tx.select({ id: user.id }).from(user).where(eq(user.email, email));
  if (taken.length > 0) throw new Taken('The user already exists.');
}

async function assertRoles(tx: Database, ids: readonly string[]): Promise<void> {
  const found = await tx
    .select({ id: role.id })
    .from(role)
    .where(inArray(role.id, [...ids]));
  if (found.length !== new Set(ids).size) throw new Absent('role');
}

function rolesOf(tx: Database, id: string): Promise<{ readonly name: string }[]> {
  return tx
    .select({ name: role.name })
    .from(userRole)
    .innerJoin(role, eq(role.id, userRole.roleId))
    .where(eq(userRole.userId, id));
}

/** For the audit: nothing that only the user knows, and no metadata, which may hold anything. */
function described({ email, emailVerified, name, nickname, picture, blocked }: User) {
  return { email, emailVerified, name, nickname, picture, blocked };
}

function merged(before: Metadata, changes: Metadata): Metadata {
  return Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null));
}
