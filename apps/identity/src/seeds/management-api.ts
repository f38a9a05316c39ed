import { and, eq } from 'drizzle-orm';
import { newId } from '../authority/new-id.ts';
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

const ADMIN_MACHINE = 'wab-admin-machine';
const BY = 'seed';
/** What an API asks of its own provider (rules of the house, 25). */
const OF_AN_API = ['read:user_effective_permissions', 'read:changes'];

/**
 * The Management API as this version has it, under the issuer of this start. Permissions that it did not have before
 * go to whoever is to have all of them; what was taken from them since stays taken.
 */
export async function followManagementApi(
  db: Database,
  { issuer, seeds }: Pick<Settings, 'issuer' | 'seeds'>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const apiId = await followApi(tx, managementAudience(issuer));
    const rows = Object.entries(MANAGEMENT_PERMISSIONS).map(([name, description]) => ({
      id: newId('per'),
      resourceServerId: apiId,
      name,
      description,
    }));
    const fresh = await tx.insert(permission).values(rows).onConflictDoNothing().returning();
    await giveToRole(tx, 'identity-admin', fresh);
    await grantTo(tx, 'wab-dashboard', apiId, fresh);
    const ofAnApi = fresh.filter(({ name }) => OF_AN_API.includes(name));
    await grantTo(tx, 'wab-menu-api', apiId, ofAnApi);
    await followAdminMachine(tx, apiId, seeds.adminMachineSecret);
  });
}

type Permissions = readonly { readonly id: string }[];

/** Returns its id. Its identifier follows the issuer. */
async function followApi(tx: Database, identifier: string): Promise<string> {
  const [known] = await tx
    .update(resourceServer)
    .set({ identifier })
    .where(eq(resourceServer.isSystem, true))
    .returning({ id: resourceServer.id });
  if (known) return known.id;
  const id = newId('rs');
  await tx
    .insert(resourceServer)
    .values({ id, identifier, name: 'Management API', isSystem: true, allowOfflineAccess: false });
  return id;
}

async function giveToRole(tx: Database, name: string, permissions: Permissions): Promise<void> {
  const [found] = await tx.select({ id: role.id }).from(role).where(eq(role.name, name));
  if (!found || permissions.length === 0) return;
  await tx
    .insert(rolePermission)
    .values(permissions.map(({ id }) => ({ roleId: found.id, permissionId: id, grantedBy: BY })))
    .onConflictDoNothing();
}

async function grantTo(
  tx: Database,
  clientId: string,
  apiId: string,
  permissions: Permissions,
): Promise<void> {
  const [known] = await tx.select({ id: client.id }).from(client).where(eq(client.id, clientId));
  if (!known || permissions.length === 0) return;
  await tx
    .insert(clientGrant)
    .values({ id: newId('cgr'), clientId, resourceServerId: apiId })
    .onConflictDoNothing();
  const [grant] = await tx
    .select({ id: clientGrant.id })
    .from(clientGrant)
    .where(and(eq(clientGrant.clientId, clientId), eq(clientGrant.resourceServerId, apiId)));
  if (!grant) return;
  await tx
    .insert(clientGrantPermission)
    .values(permissions.map(({ id }) => ({ clientGrantId: grant.id, permissionId: id, grantedBy: BY })))
    .onConflictDoNothing();
}

/** The client for administration by script is there as long as the environment says so. */
async function followAdminMachine(tx: Database, apiId: string, secret: string | undefined): Promise<void> {
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
    .where(eq(permission.resourceServerId, apiId));
  await grantTo(tx, ADMIN_MACHINE, apiId, all);
}
