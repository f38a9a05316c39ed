import { and, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  effectiveUserPermission,
  logHead,
  permission,
  user,
} from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';
import type { LogPosition } from './change-log.ts';

export interface EffectivePermissions extends LogPosition {
  readonly permissions: readonly string[];
}

/** Who asks for what: a user through a client, or the client by itself, whose subject is `<client>@clients`. */
export interface Party {
  readonly subject: string;
  readonly clientId: string;
}

/** What somebody may do at an API now, with the number of the change log at which that was read. */
export class EffectivePermissionReader {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The user's ∩ the client's; nothing for who is unknown, blocked or switched off. One statement, so of one moment. */
  async of(party: Party, apiId: string): Promise<EffectivePermissions> {
    const held = this.#db
      .select({ names: sql<string[]>`coalesce(jsonb_agg(${permission.name}), '[]')`.as('names') })
      .from(client)
      .innerJoin(clientGrant, eq(clientGrant.clientId, client.id))
      .innerJoin(clientGrantPermission, eq(clientGrantPermission.clientGrantId, clientGrant.id))
      .innerJoin(permission, eq(permission.id, clientGrantPermission.permissionId))
      .where(
        and(
          eq(client.id, party.clientId),
          eq(client.enabled, true),
          eq(clientGrant.resourceServerId, apiId),
          unexpired(clientGrantPermission.expiresAt),
          this.#heldBy(party, apiId),
        ),
      )
      .as('held');
    const [read] = await this.#db
      .select({ permissions: held.names, incarnation: logHead.incarnation, number: logHead.number })
      .from(logHead)
      .innerJoin(held, sql`true`);
    if (!read) throw new Error('the change log was not opened');
    return { ...read, permissions: read.permissions.toSorted() };
  }

  /** Undefined for a machine, which has what its client has. */
  #heldBy({ subject, clientId }: Party, apiId: string): SQL | undefined {
    if (subject === `${clientId}@clients`) return undefined;
    const ofUser = this.#db
      .select({ id: effectiveUserPermission.permissionId })
      .from(effectiveUserPermission)
      .innerJoin(user, eq(user.id, effectiveUserPermission.userId))
      .where(
        and(
          eq(effectiveUserPermission.userId, subject),
          eq(effectiveUserPermission.resourceServerId, apiId),
          eq(user.blocked, false),
        ),
      );
    return inArray(permission.id, ofUser);
  }
}
