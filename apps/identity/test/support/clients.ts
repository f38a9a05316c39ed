import { hashSecret } from '../../src/clients/client-secret.ts';
import { client, clientGrant, clientGrantPermission, permission } from '../../src/database/schema.ts';
import { eq } from 'drizzle-orm';
import type { Database } from '../../src/database/database.ts';

export const SECRET = 'client-secret-for-tests-0123456789abcdef';
export const MENU_API_ID = 'rs_menu_api';

type NewClient = Partial<typeof client.$inferInsert> & { readonly id: string };

/** A confidential client of ours with all permissions of the menu API; a test says what is different. */
export async function addClient(
  db: Database,
  spoiled: NewClient,
  { granted = true }: { readonly granted?: boolean } = {},
): Promise<void> {
  await db.insert(client).values({
    name: spoiled.id,
    kind: 'confidential',
    firstParty: true,
    secretHash: hashSecret(SECRET),
    grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
    redirectUris: ['http://localhost:6060/callback'],
    logoutUris: ['http://localhost:6060/'],
    ...spoiled,
  });
  if (granted) await grantAll(db, spoiled.id, MENU_API_ID);
}

/** Lets a client have every permission of an API. */
export async function grantAll(db: Database, clientId: string, resourceServerId: string): Promise<void> {
  const clientGrantId = `cgr_${clientId}_${resourceServerId}`;
  await db.insert(clientGrant).values({ id: clientGrantId, clientId, resourceServerId });
  const permissions = await db
    .select()
    .from(permission)
    .where(eq(permission.resourceServerId, resourceServerId));
  for (const { id: permissionId } of permissions) {
    await db.insert(clientGrantPermission).values({ clientGrantId, permissionId, grantedBy: 'test' });
  }
}
