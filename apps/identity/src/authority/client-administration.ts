import { eq } from 'drizzle-orm';
import { endArtifacts } from '../artifacts/ended-artifacts.ts';
import { generateSecret, hashSecret } from '../clients/client-secret.ts';
import { artifact, client } from '../database/schema.ts';
import type { AdministratedChange, Administration } from './administration.ts';
import type { Administrator } from './administrator.ts';
import { assertWorkable } from './client-rules.ts';
import { permissionsOfClient, type HeldPermission } from './held-permissions.ts';
import { newClientId } from './new-id.ts';
import { Absent, Unfit } from './refused-change.ts';
import { apisOf } from './touches.ts';

export type ClientRow = typeof client.$inferSelect;

export type NewClient = Pick<
  ClientRow,
  | 'name'
  | 'kind'
  | 'firstParty'
  | 'grantTypes'
  | 'redirectUris'
  | 'logoutUris'
  | 'origins'
  | 'backchannelLogoutUri'
  | 'jwks'
  | 'enabled'
>;

/** A secret is in here once: only its hash is kept. */
export interface ClientWithSecret {
  readonly client: ClientRow;
  readonly secret: string | undefined;
}

/** Writes clients. Whoever can change one can come to all that it was granted. */
export class ClientAdministration {
  readonly #administration: Administration;

  constructor(administration: Administration) {
    this.#administration = administration;
  }

  /** @throws Unfit */
  create(by: Administrator, fresh: NewClient): Promise<ClientWithSecret> {
    by.assertPresent();
    assertWorkable(fresh);
    return this.#administration.change(by, async ({ tx, record }) => {
      const secret = hasSecret(fresh) ? generateSecret() : undefined;
      const [created] = await tx
        .insert(client)
        .values({
          ...fresh,
          id: newClientId(),
          secretHash: secret === undefined ? null : hashSecret(secret),
        })
        .returning();
      if (!created) throw new Absent('client');
      await record({
        action: 'client.create',
        target: { kind: 'client', id: created.id },
        after: described(created),
      });
      return { client: created, secret };
    });
  }

  /** @throws Absent, Unfit, BeyondReach */
  update(by: Administrator, id: string, changes: Partial<Omit<NewClient, 'kind'>>): Promise<ClientRow> {
    by.assertPresent();
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const { client: before } = await changeable(change, id);
      assertWorkable({ ...before, ...changes });
      const [after] = await tx
        .update(client)
        .set({ id, ...changes })
        .where(eq(client.id, id))
        .returning();
      if (!after) throw new Absent('client');
      const switched = after.enabled !== before.enabled;
      if (switched && !after.enabled) await endArtifacts(tx, eq(artifact.clientId, id));
      await record({
        action: 'client.update',
        target: { kind: 'client', id },
        before: described(before),
        after: described(after),
        touches: switched ? [{ clientId: id }] : [],
        denies: switched && !after.enabled ? [deniesSoFar(id)] : [],
      });
      return after;
    });
  }

  /** @throws Absent, BeyondReach */
  remove(by: Administrator, id: string): Promise<void> {
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const { client: before, permissions } = await changeable(change, id);
      await endArtifacts(tx, eq(artifact.clientId, id));
      await tx.delete(client).where(eq(client.id, id));
      await record({
        action: 'client.delete',
        target: { kind: 'client', id },
        before: { ...described(before), permissions: permissions.map(({ name }) => name) },
        touches: apisOf(permissions).map((resourceServerId) => ({ clientId: id, resourceServerId })),
        denies: [deniesSoFar(id)],
      });
    });
  }

  /** The former secret is good for nothing from now on. @throws Absent, Unfit, BeyondReach */
  rotateSecret(by: Administrator, id: string): Promise<ClientWithSecret> {
    by.assertPresent();
    return this.#administration.change(by, async (change) => {
      const { tx, record } = change;
      const { client: before } = await changeable(change, id);
      if (!hasSecret(before)) throw new Unfit('A public client has no secret.');
      const secret = generateSecret();
      const [after] = await tx
        .update(client)
        .set({ secretHash: hashSecret(secret) })
        .where(eq(client.id, id))
        .returning();
      if (!after) throw new Absent('client');
      await record({ action: 'client.secret.rotate', target: { kind: 'client', id } });
      return { client: after, secret };
    });
  }
}

async function changeable(
  { tx, reach }: AdministratedChange,
  id: string,
): Promise<{ readonly client: ClientRow; readonly permissions: readonly HeldPermission[] }> {
  const [found] = await tx.select().from(client).where(eq(client.id, id));
  if (!found) throw new Absent('client');
  const permissions = await permissionsOfClient(tx, id);
  reach.assertChanges('client', permissions);
  return { client: found, permissions };
}

function hasSecret({ kind }: Pick<ClientRow, 'kind'>): boolean {
  return kind === 'confidential' || kind === 'machine';
}

function deniesSoFar(id: string) {
  return { by: 'client', value: id, issuedUntil: new Date() } as const;
}

/** For the audit: all but the secret's hash. */
function described(row: ClientRow) {
  return { ...row, secretHash: undefined };
}
