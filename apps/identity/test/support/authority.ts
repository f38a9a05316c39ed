import { and, desc, eq } from 'drizzle-orm';
import { ChangeLog } from '../../src/changes/change-log.ts';
import type { Database } from '../../src/database/database.ts';
import {
  artifact,
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
  user,
  userPermission,
} from '../../src/database/schema.ts';
import { MENU_API } from './login.ts';

const ACTOR = { subject: 'test' };

/** Gives and takes what the tests need, each as one change of the log. */
export class Authority {
  readonly #db: Database;
  readonly #changes: ChangeLog;

  constructor({ db, changes }: { readonly db: Database; readonly changes: ChangeLog }) {
    this.#db = db;
    this.#changes = changes;
  }

  async userId(email: string): Promise<string> {
    const [found] = await this.#db.select().from(user).where(eq(user.email, email));
    return found?.id ?? '';
  }

  /** Directly, at the menu API. Resolves with the number of the change. */
  give(userId: string, name: string): Promise<number> {
    return this.#changes.write(ACTOR, async (tx, record) => {
      const { apiId, permissionId } = await this.#permission(tx, name);
      await tx
        .insert(userPermission)
        .values({ userId, permissionId, grantedBy: ACTOR.subject })
        .onConflictDoNothing();
      return record({
        action: 'user.permissions.add',
        target: { kind: 'user', id: userId },
        touches: [{ resourceServerId: apiId, subject: userId }],
      });
    });
  }

  take(userId: string, name: string): Promise<number> {
    return this.#changes.write(ACTOR, async (tx, record) => {
      const { apiId, permissionId } = await this.#permission(tx, name);
      await tx
        .delete(userPermission)
        .where(and(eq(userPermission.userId, userId), eq(userPermission.permissionId, permissionId)));
      return record({
        action: 'user.permissions.remove',
        target: { kind: 'user', id: userId },
        touches: [{ resourceServerId: apiId, subject: userId }],
      });
    });
  }

  takeFromClient(clientId: string, name: string): Promise<number> {
    return this.#changes.write(ACTOR, async (tx, record) => {
      const { apiId, permissionId } = await this.#permission(tx, name);
      const [grant] = await tx
        .select()
        .from(clientGrant)
        .where(and(eq(clientGrant.clientId, clientId), eq(clientGrant.resourceServerId, apiId)));
      await tx
        .delete(clientGrantPermission)
        .where(
          and(
            eq(clientGrantPermission.clientGrantId, grant?.id ?? ''),
            eq(clientGrantPermission.permissionId, permissionId),
          ),
        );
      return record({
        action: 'client-grant.update',
        target: { kind: 'client-grant', id: grant?.id ?? '' },
        touches: [{ resourceServerId: apiId, clientId }],
      });
    });
  }

  block(userId: string, blocked: boolean): Promise<number> {
    return this.#changes.write(ACTOR, async (tx, record) => {
      await tx.update(user).set({ blocked }).where(eq(user.id, userId));
      return record({
        action: 'user.update',
        target: { kind: 'user', id: userId },
        touches: [{ subject: userId }],
      });
    });
  }

  /** The session of the user's last login. */
  async lastSession(userId: string): Promise<string> {
    const [session] = await this.#db
      .select({ uid: artifact.sessionUid })
      .from(artifact)
      .where(and(eq(artifact.model, 'Session'), eq(artifact.accountId, userId)))
      .orderBy(desc(artifact.createdAt))
      .limit(1);
    return session?.uid ?? '';
  }

  async #permission(tx: Database, name: string) {
    const [found] = await tx
      .select({ apiId: resourceServer.id, permissionId: permission.id })
      .from(permission)
      .innerJoin(resourceServer, eq(resourceServer.id, permission.resourceServerId))
      .where(and(eq(resourceServer.identifier, MENU_API), eq(permission.name, name)));
    if (!found) throw new Error(`there is no permission ${name}`);
    return found;
  }
}
