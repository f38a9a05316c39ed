import { eq } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { client } from '../database/schema.ts';
import type { Api, ResourceServerStore } from '../people/resource-server-store.ts';
import type { UserStore } from '../people/user-store.ts';
import type { ChangeLog, LogPosition } from './change-log.ts';

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
  readonly #changes: ChangeLog;
  readonly #apis: ResourceServerStore;
  readonly #users: UserStore;

  constructor(parts: {
    readonly db: Database;
    readonly changes: ChangeLog;
    readonly apis: ResourceServerStore;
    readonly users: UserStore;
  }) {
    this.#db = parts.db;
    this.#changes = parts.changes;
    this.#apis = parts.apis;
    this.#users = parts.users;
  }

  /** The user's ∩ the client's; nothing for who is unknown, blocked or switched off. */
  async of(party: Party, api: Api): Promise<EffectivePermissions> {
    // First: a change that comes between is in what is read after it, or is asked about again.
    const { incarnation, number } = await this.#changes.position();
    return { permissions: await this.#permissions(party, api), incarnation, number };
  }

  async #permissions({ subject, clientId }: Party, api: Api): Promise<readonly string[]> {
    const [through] = await this.#db
      .select({ enabled: client.enabled })
      .from(client)
      .where(eq(client.id, clientId));
    if (!through?.enabled) return [];
    const granted = (await this.#apis.clientPermissions(clientId, api)) ?? [];
    if (subject === `${clientId}@clients`) return granted;
    const user = await this.#users.find(subject);
    if (!user || user.blocked) return [];
    const held = new Set(await this.#users.permissions(user.id, api.id));
    return granted.filter((name) => held.has(name));
  }
}
