import { and, eq, sql } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { effectiveUserPermission, resourceServer, role, user, userRole } from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';
import { generatePassword, hashPassword, verifyPassword } from './password.ts';

export type User = typeof user.$inferSelect;

export interface Authenticated {
  readonly user: User;
}

/** With Auth0's code for it: nobody has the address, the password is another, the user is blocked. */
export interface NotAuthenticated {
  readonly code: 'fu' | 'fp' | 'f';
  readonly userId?: string;
}

export class UserStore {
  readonly #db: Database;
  /** Verified against when nobody has the address, so that the answer takes the same work. */
  readonly #nobodysHash: Promise<string>;

  constructor(db: Database) {
    this.#db = db;
    this.#nobodysHash = hashPassword(generatePassword());
  }

  async find(id: string): Promise<User | undefined> {
    const [found] = await this.#db.select().from(user).where(eq(user.id, id));
    return found;
  }

  /** Whose password this is, or why not. Every kind of failure takes the same work. */
  async authenticate(email: string, password: string): Promise<Authenticated | NotAuthenticated> {
    const [found] = await this.#db.select().from(user).where(eq(user.email, email.trim().toLowerCase()));
    const matches = await verifyPassword(found?.passwordHash ?? (await this.#nobodysHash), password);
    if (!found) return { code: 'fu' };
    if (!matches) return { code: 'fp', userId: found.id };
    return found.blocked ? { code: 'f', userId: found.id } : { user: found };
  }

  async loggedIn(userId: string): Promise<void> {
    await this.#db
      .update(user)
      .set({ lastLoginAt: new Date(), loginsCount: sql`${user.loginsCount} + 1` })
      .where(eq(user.id, userId));
  }

  /** Whether the user holds a permission of an API of ours, such as the Management API. */
  async administers(userId: string): Promise<boolean> {
    const [held] = await this.#db
      .select({ id: effectiveUserPermission.permissionId })
      .from(effectiveUserPermission)
      .innerJoin(resourceServer, eq(resourceServer.id, effectiveUserPermission.resourceServerId))
      .where(and(eq(effectiveUserPermission.userId, userId), resourceServer.isSystem))
      .limit(1);
    return held !== undefined;
  }

  /** Names of the permissions that the user holds for one API, directly or through roles. */
  async permissions(userId: string, resourceServerId: string): Promise<string[]> {
    const rows = await this.#db
      .select({ name: effectiveUserPermission.name })
      .from(effectiveUserPermission)
      .where(
        and(
          eq(effectiveUserPermission.userId, userId),
          eq(effectiveUserPermission.resourceServerId, resourceServerId),
        ),
      )
      .orderBy(effectiveUserPermission.name);
    return rows.map(({ name }) => name);
  }

  async roles(userId: string): Promise<string[]> {
    const rows = await this.#db
      .select({ name: role.name })
      .from(userRole)
      .innerJoin(role, eq(role.id, userRole.roleId))
      .where(and(eq(userRole.userId, userId), unexpired(userRole.expiresAt)))
      .orderBy(role.name);
    return rows.map(({ name }) => name);
  }
}
