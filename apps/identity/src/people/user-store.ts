import { and, eq, or, gt, isNull } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { effectiveUserPermission, role, user, userRole } from '../database/schema.ts';
import { generatePassword, hashPassword, verifyPassword } from './password.ts';

export type User = typeof user.$inferSelect;

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

  /** The user whom this password belongs to; undefined, after the same work, for every kind of failure. */
  async authenticate(email: string, password: string): Promise<User | undefined> {
    const [found] = await this.#db.select().from(user).where(eq(user.email, email.trim().toLowerCase()));
    const matches = await verifyPassword(found?.passwordHash ?? (await this.#nobodysHash), password);
    return found && matches && !found.blocked ? found : undefined;
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
      .where(
        and(eq(userRole.userId, userId), or(isNull(userRole.expiresAt), gt(userRole.expiresAt, new Date()))),
      )
      .orderBy(role.name);
    return rows.map(({ name }) => name);
  }
}
