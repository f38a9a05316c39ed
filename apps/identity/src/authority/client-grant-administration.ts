import { and, eq } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
} from '../database/schema.ts';
import type { Administration, AdministratedChange } from './administration.ts';
import type { Administrator } from './administrator.ts';
import { permissionsOfClient } from './held-permissions.ts';
import { permissionsOfNames } from './named-permissions.ts';
import { newId } from './new-id.ts';
import { Absent, Taken } from './refused-change.ts';

export type ClientGrant = typeof clientGrant.$inferSelect;

/** Writes what clients may be given for an API at most. */
export class ClientGrantAdministration {
  readonly #administration: Administration;

  constructor(administration: Administration) {
    this.#administration = administration;
  }

  /** @throws Absent, Taken, Unfit, BeyondReach */
  create(
    by: Administrator,
    fresh: { readonly clientId: string; readonly audience: string; readonly scope: readonly string[] },
  ): Promise<ClientGrant> {
    by.assertPresent();
    return this.#administration.change(by, async (change) => {
      const { tx } = change;
      const { clientId, audience, scope } = fresh;
      const [known] = await tx.select({ id: client.id }).from(client).where(eq(client.id, clientId));
      if (!known) throw new Absent('client');
      const [api] = await tx.select().from(resourceServer).where(eq(resourceServer.identifier, audience));
      if (!api) throw new Absent('resource_server');
      const ofBoth = and(eq(clientGrant.clientId, clientId), eq(clientGrant.resourceServerId, api.id));
      const taken = await tx.select({ id: clientGrant.id }).from(clientGrant).where(ofBoth);
      if (taken.length > 0)
        throw new Taken('A resource owner has already granted this client access to the audience.');
      const created = { id: newId('cgr'), clientId, resourceServerId: api.id };
      await assertChangeable(change, created);
      await tx.insert(clientGrant).values(created);
      await this.#put(by, change, created, scope, 'client.grant.create');
      return created;
    });
  }

  /** @throws Absent, Unfit, BeyondReach */
  update(by: Administrator, id: string, scope: readonly string[]): Promise<ClientGrant> {
    by.assertPresent();
    return this.#administration.change(by, async (change) => {
      const found = await findGrant(change.tx, id);
      await assertChangeable(change, found);
      await this.#put(by, change, found, scope, 'client.grant.update');
      return found;
    });
  }

  /** @throws Absent, BeyondReach */
  remove(by: Administrator, id: string): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const found = await findGrant(tx, id);
      await assertChangeable(change, found);
      const before = await namesOf(tx, id);
      await tx.delete(clientGrant).where(eq(clientGrant.id, id));
      await record({
        action: 'client.grant.delete',
        target: { kind: 'client', id: found.clientId },
        before: { ...found, scope: before },
        touches: [{ clientId: found.clientId, resourceServerId: found.resourceServerId }],
      });
    });
  }

  /** These permissions, and no others. */
  async #put(
    by: Administrator,
    { tx, record, reach }: AdministratedChange,
    grant: ClientGrant,
    scope: readonly string[],
    action: string,
  ): Promise<void> {
    const { id, clientId, resourceServerId } = grant;
    const given = await permissionsOfNames(tx, resourceServerId, scope);
    reach.assertGives(given);
    const before = await namesOf(tx, id);
    await tx.delete(clientGrantPermission).where(eq(clientGrantPermission.clientGrantId, id));
    if (given.length > 0) {
      await tx
        .insert(clientGrantPermission)
        .values(
          given.map((one) => ({ clientGrantId: id, permissionId: one.id, grantedBy: by.actor.subject })),
        );
    }
    await record({
      action,
      target: { kind: 'client', id: clientId },
      before: { scope: before },
      after: { ...grant, scope },
      touches: [{ clientId, resourceServerId }],
    });
  }
}

async function findGrant(tx: Database, id: string): Promise<ClientGrant> {
  const [found] = await tx.select().from(clientGrant).where(eq(clientGrant.id, id));
  if (!found) throw new Absent('client_grant');
  return found;
}

async function assertChangeable(
  { tx, reach }: AdministratedChange,
  { clientId }: Pick<ClientGrant, 'clientId'>,
): Promise<void> {
  reach.assertChanges('client', await permissionsOfClient(tx, clientId));
}

async function namesOf(tx: Database, id: string): Promise<string[]> {
  const rows = await tx
    .select({ name: permission.name })
    .from(clientGrantPermission)
    .innerJoin(permission, eq(permission.id, clientGrantPermission.permissionId))
    .where(eq(clientGrantPermission.clientGrantId, id))
    .orderBy(permission.name);
  return rows.map(({ name }) => name);
}
