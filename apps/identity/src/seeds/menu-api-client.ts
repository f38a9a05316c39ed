import { and, eq } from 'drizzle-orm';
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog, RecordChange } from '../changes/change-log.ts';
import { generateSecret, hashSecret, secretMatches } from '../clients/client-secret.ts';
import type { Database } from '../database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
} from '../database/schema.ts';
import { MENU_API } from './seed.ts';

/** What an API may do at the Management API: follow what changes for it, and ask what its callers may do. */
export const API_PERMISSIONS = {
  'read:changes': 'Follow the changes of authority at one’s own API',
  'read:user_effective_permissions': 'Read what a user may do',
} as const;

const CLIENT = 'wab-menu-api';
const SEED: Actor = { subject: 'seed' };

export interface MenuApiClientSettings {
  /** The identifier of the Management API. */
  readonly audience: string;
  /** Absolute path of this app's own folder. */
  readonly directory: string;
  /** What `SEED_MENU_API_SECRET` says. */
  readonly secret: string | undefined;
  /** No development default is allowed: without a given secret, the client has none that anybody knows. */
  readonly strict: boolean;
}

/** Where the API on the same machine finds the secret of its client, in development. */
export function secretFile(directory: string): string {
  return join(directory, `${CLIENT}.secret`);
}

/**
 * Brings the client that the menu API itself is to what this start was told: it is that API, may ask about it, and has
 * the secret that was given or that is in the file. Changes nothing where all is so already.
 */
export async function followMenuApiClient(
  changes: ChangeLog,
  settings: MenuApiClientSettings,
): Promise<void> {
  await changes.write(SEED, async (tx, record) => {
    const [row] = await tx.select().from(client).where(eq(client.id, CLIENT));
    const [api] = await tx.select().from(resourceServer).where(eq(resourceServer.identifier, MENU_API));
    if (!row || !api) return;
    const managementId = await managementApi(tx, settings.audience);
    await grantApiPermissions(tx, record, managementId);
    if (row.resourceServerId !== api.id) {
      await tx.update(client).set({ resourceServerId: api.id }).where(eq(client.id, CLIENT));
      await record({ action: 'client.update', target: TARGET, after: { resourceServerId: api.id } });
    }
    const secret = secretFor(settings, row.secretHash ?? '');
    if (secret === undefined) return;
    await tx
      .update(client)
      .set({ secretHash: hashSecret(secret) })
      .where(eq(client.id, CLIENT));
    await record({ action: 'client.secret.rotate', target: TARGET });
  });
}

const TARGET = { kind: 'client', id: CLIENT };

/** The secret to set; undefined when the one that is set stays. A generated one is in the file before it is set. */
function secretFor({ directory, secret, strict }: MenuApiClientSettings, hash: string): string | undefined {
  if (strict) return secret !== undefined && !secretMatches(hash, secret) ? secret : undefined;
  const file = secretFile(directory);
  const kept = secret ?? contentOf(file);
  const wanted = kept ?? generateSecret();
  if (contentOf(file) !== wanted) write(file, wanted);
  return secretMatches(hash, wanted) ? undefined : wanted;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function write(file: string, secret: string): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${secret}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

const newId = (prefix: string) => `${prefix}_${randomBytes(8).toString('hex')}`;

/** Its identifier follows the issuer. */
async function managementApi(tx: Database, identifier: string): Promise<string> {
  const [known] = await tx.select().from(resourceServer).where(eq(resourceServer.isSystem, true));
  if (known?.identifier === identifier) return known.id;
  if (known) {
    await tx.update(resourceServer).set({ identifier }).where(eq(resourceServer.id, known.id));
    return known.id;
  }
  const id = newId('rs');
  await tx
    .insert(resourceServer)
    .values({ id, identifier, name: 'Management API', isSystem: true, allowOfflineAccess: false });
  return id;
}

async function grantApiPermissions(tx: Database, record: RecordChange, apiId: string): Promise<void> {
  const [known] = await tx
    .select()
    .from(clientGrant)
    .where(and(eq(clientGrant.clientId, CLIENT), eq(clientGrant.resourceServerId, apiId)));
  // Whoever changed the grant since has said what it is to be.
  if (known) return;
  const clientGrantId = newId('cgr');
  await tx.insert(clientGrant).values({ id: clientGrantId, clientId: CLIENT, resourceServerId: apiId });
  for (const [name, description] of Object.entries(API_PERMISSIONS)) {
    const permissionId = await permissionOf(tx, { apiId, name, description });
    await tx.insert(clientGrantPermission).values({ clientGrantId, permissionId, grantedBy: SEED.subject });
  }
  await record({
    action: 'client-grant.create',
    target: { kind: 'client-grant', id: clientGrantId },
    after: { clientId: CLIENT, resourceServerId: apiId, permissions: Object.keys(API_PERMISSIONS) },
    touches: [{ resourceServerId: apiId, clientId: CLIENT }],
  });
}

async function permissionOf(
  tx: Database,
  {
    apiId,
    name,
    description,
  }: { readonly apiId: string; readonly name: string; readonly description: string },
): Promise<string> {
  const [known] = await tx
    .select()
    .from(permission)
    .where(and(eq(permission.resourceServerId, apiId), eq(permission.name, name)));
  if (known) return known.id;
  const id = newId('per');
  await tx.insert(permission).values({ id, resourceServerId: apiId, name, description });
  return id;
}
