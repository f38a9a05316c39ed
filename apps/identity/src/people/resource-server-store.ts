import { and, eq, or } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import {
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
  resourceServerAlias,
} from '../database/schema.ts';
import { unexpired } from '../database/unexpired.ts';

/** An API that tokens are made for. */
export type Api = Pick<
  typeof resourceServer.$inferSelect,
  'id' | 'identifier' | 'enforcePolicies' | 'tokenDialect' | 'tokenLifetime' | 'allowOfflineAccess'
>;

export class ResourceServerStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** By its identifier or one of its aliases. */
  async find(audience: string): Promise<Api | undefined> {
    if (audience.includes('\0')) return undefined;
    const [found] = await this.#db
      .selectDistinct({
        id: resourceServer.id,
        identifier: resourceServer.identifier,
        enforcePolicies: resourceServer.enforcePolicies,
        tokenDialect: resourceServer.tokenDialect,
        tokenLifetime: resourceServer.tokenLifetime,
        allowOfflineAccess: resourceServer.allowOfflineAccess,
      })
      .from(resourceServer)
      .leftJoin(resourceServerAlias, eq(resourceServerAlias.resourceServerId, resourceServer.id))
      .where(or(eq(resourceServer.identifier, audience), eq(resourceServerAlias.alias, audience)));
    return found;
  }

  /** Every identifier and alias. */
  async audiences(): Promise<string[]> {
    const [identifiers, aliases] = await Promise.all([
      this.#db.select({ audience: resourceServer.identifier }).from(resourceServer),
      this.#db.select({ audience: resourceServerAlias.alias }).from(resourceServerAlias),
    ]);
    return [...identifiers, ...aliases].map(({ audience }) => audience);
  }

  /** What this client may be given for this API at most. Undefined: it has no grant for it. */
  async clientPermissions(clientId: string, api: Api): Promise<string[] | undefined> {
    const rows = await this.#db
      .select({ name: permission.name })
      .from(clientGrant)
      .leftJoin(
        clientGrantPermission,
        and(
          eq(clientGrantPermission.clientGrantId, clientGrant.id),
          unexpired(clientGrantPermission.expiresAt),
        ),
      )
      .leftJoin(permission, eq(permission.id, clientGrantPermission.permissionId))
      .where(and(eq(clientGrant.clientId, clientId), eq(clientGrant.resourceServerId, api.id)))
      .orderBy(permission.name);
    if (rows.length === 0) return undefined;
    return rows.flatMap(({ name }) => (name === null ? [] : [name]));
  }

  /** What each permission of these lets a client do, for the consent page. */
  async descriptions(api: Api): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#db.select().from(permission).where(eq(permission.resourceServerId, api.id));
    return new Map(rows.map(({ name, description }) => [name, description]));
  }
}
