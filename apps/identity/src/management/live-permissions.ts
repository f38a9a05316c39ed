import { tokenPermissions, type PermissionSet, type PermissionSource } from '@portcullis/permissions';
import { FrozenSet, type Authentication } from '@portcullis/tokens';
import { eq } from 'drizzle-orm';
import { permissionsOfParty } from '../authority/held-permissions.ts';
import type { Database } from '../database/database.ts';
import { client } from '../database/schema.ts';

/** What this token was issued for, as far as its party still holds it: a removal bites at the next request. */
export class LivePermissions implements PermissionSource {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async permissionsOf(authentication: Authentication): Promise<PermissionSet> {
    const held = await permissionsOfParty(this.#db, authentication);
    const live = new Set(held.filter(({ ofSystem }) => ofSystem).map(({ name }) => name));
    const { names, sources, withheld } = await this.#asIssued(authentication);
    return Object.freeze({
      names: new FrozenSet([...names].filter((name) => live.has(name))),
      sources,
      withheld: new FrozenSet([...withheld].filter((name) => live.has(name))),
    });
  }

  async #asIssued(authentication: Authentication): Promise<PermissionSet> {
    const { client: id } = authentication;
    const [through] = id === undefined ? [] : await this.#db.select().from(client).where(eq(client.id, id));
    const firstPartyClients = through?.firstParty ? [through.id] : [];
    return tokenPermissions({ firstPartyClients }).permissionsOf(authentication);
  }
}
