import { and, eq } from 'drizzle-orm';
import { randomBytes } from 'node:crypto';
import { hashSecret } from '../clients/client-secret.ts';
import type { Database } from '../database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
  role,
  rolePermission,
} from '../database/schema.ts';
import { MANAGEMENT_PERMISSIONS, managementAudience } from '../management/management-permissions.ts';
import type { Settings } from '../settings.ts';

const MANAGEMENT_API_ID = 'rs_management';
const ADMIN_MACHINE = 'wab-admin-machine';
const BY = 'seed';
/** What an API asks of its own provider (rules of the house, 25). */
const OF_AN_API = ['read:user_effective_permissions', 'read:changes'];

const newId = (prefix: string) => `${prefix}_${randomBytes(8).toString('hex')}`;

/**
 * The Management API as this version has it, under the issuer of this start. Permissions that it did not have before
 * go to whoever is to have all of them; what was taken from them since stays taken.
 */
export async function followManagementApi(
  db: Database,
  { issuer, seeds }: Pick<Settings, 'issuer' | 'seeds'>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const identifier = managementAudience(issuer);
    await tx
      .insert(resourceServer)
      .values({ id: MANAGEMENT_API_ID, identifier, name: 'Management API', isSystem: true })
      .onConflictDoUpdate({ target: resourceServer.id, set: { identifier, isSystem: true } });
    const rows = Object.entries(MANAGEMENT_PERMISSIONS).map(([name, description]) => ({
      id: newId('per'),
      resourceServerId: MANAGEMENT_API_ID,
      name,
      description,
    }));
    const fresh = await tx.insert(permission).values(rows).onConflictDoNothing().returning();
    await giveToRole(
      tx,
      'identity-admin',
      fresh.map(({ id }) => id),
    );
    await grantTo(
      tx,
      'wab-dashboard',
      fresh.map(({ id }) => id),
    );
    await grantTo(
      tx,
      'wab-menu-api',
      fresh.filter(({ name }) => OF_AN_API.includes(name)).map(({ id }) => id),
    );
    await followAdminMachine(tx, seeds.adminMachineSecret);
  });
}

async function giveToRole(tx: Database, name: string, permissionIds: readonly string[]): Promise<void> {
  const [found] = await tx.select({ id: role.id }).from(role).where(eq(role.name, name));
  if (!found || permissionIds.length === 0) return;
  await tx
    .insert(rolePermission)
    .values(permissionIds.map((permissionId) => ({ roleId: found.id, permissionId, grantedBy: BY })))
    .onConflictDoNothing();
}

async function grantTo(tx: Database, clientId: string, permissionIds: readonly string[]): Promise<void> {
  const [known] = await tx.select({ id: client.id }).from(client).where(eq(client.id, clientId));
  if (!known || permissionIds.length === 0) return;
  await tx
    .insert(clientGrant)
    .values({ id: newId('cgr'), clientId, resourceServerId: MANAGEMENT_API_ID })
    .onConflictDoNothing();
  const [grant] = await tx
    .select({ id: clientGrant.id })
    .from(clientGrant)
    .where(and(eq(clientGrant.clientId, clientId), eq(clientGrant.resourceServerId, MANAGEMENT_API_ID)));
  if (!grant) return;
  await tx
    .insert(clientGrantPermission)
    .values(permissionIds.map((permissionId) => ({ clientGrantId: grant.id, permissionId, grantedBy: BY })))
    .onConflictDoNothing();
}

/** The client for administration by script is there as long as the environment says so. */
async function followAdminMachine(tx: Database, secret: string | undefined): Promise<void> {
  if (secret === undefined) {
    await tx.update(client).set({ enabled: false }).where(eq(client.id, ADMIN_MACHINE));
    return;
  }
  const settings = { secretHash: hashSecret(secret), enabled: true };
  await tx
    .insert(client)
    .values({
      id: ADMIN_MACHINE,
      name: 'WAB Administration',
      kind: 'machine',
      firstParty: true,
      grantTypes: ['client_credentials'],
      redirectUris: [],
      logoutUris: [],
      ...settings,
    })
    .onConflictDoUpdate({ target: client.id, set: settings });
  const all = await tx
    .select({ id: permission.id })
    .from(permission)
    .where(eq(permission.resourceServerId, MANAGEMENT_API_ID));
  await grantTo(
    tx,
    ADMIN_MACHINE,
    all.map(({ id }) => id),
  );
}
