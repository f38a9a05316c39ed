import { and, eq, notInArray } from 'drizzle-orm';
import { endArtifacts } from '../artifacts/ended-artifacts.ts';
import { hashSecret, secretMatches } from '../clients/client-secret.ts';
import { artifact, client, clientGrant, clientGrantPermission } from '../database/schema.ts';
import type { SeedPath } from './described-seed.ts';
import { newId } from '../authority/new-id.ts';
import { changed, present, type NamedPermission, type SeedApplication } from './seed-application.ts';
import type { PermissionsByApi, SeededClient } from './seed-file.ts';

const GRANT_TYPES = {
  browser: ['authorization_code', 'refresh_token'],
  confidential: ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token'],
  machine: ['client_credentials'],
};

export async function applyClient(
  on: SeedApplication,
  { id, secretFrom, grants, ...wanted }: SeededClient,
  path: SeedPath,
): Promise<void> {
  const [found] = await on.tx.select().from(client).where(eq(client.id, id));
  const target = { kind: 'client', id };
  const kind = wanted.kind ?? found?.kind;
  if (kind === undefined) return on.complain([...path, 'id'], 'names a new client: say what kind it is');
  if (found && kind !== found.kind)
    return on.complain([...path, 'kind'], `cannot be changed: it is ${found.kind}`);
  const secretHash = secretHashOf(on, kind, secretFrom, found?.secretHash ?? null, path);
  if (found === undefined) {
    await on.tx.insert(client).values({
      name: id,
      firstParty: false,
      grantTypes: GRANT_TYPES[kind],
      redirectUris: [],
      logoutUris: [],
      ...present(wanted),
      id,
      kind,
      secretHash,
    });
    await on.did('+', `client ${id}`, {
      action: 'client.create',
      target,
      after: { id, ...wanted },
    });
  } else {
    const change = changed(found, wanted);
    if (change) {
      await on.tx.update(client).set(change.after).where(eq(client.id, id));
      const off = wanted.enabled === false && found.enabled;
      await on.did('~', `client ${id}: ${change.label}`, {
        action: 'client.update',
        target,
        ...change,
        touches: [{ clientId: id }],
        ...(off ? { denies: [{ by: 'client', value: id, issuedUntil: new Date() }] } : undefined),
      });
      if (off) await endArtifacts(on.tx, eq(artifact.clientId, id));
    }
    if (secretHash !== found.secretHash) {
      await on.tx.update(client).set({ secretHash }).where(eq(client.id, id));
      await on.did('~', `client ${id}: secret`, { action: 'client.secret.rotate', target });
    }
  }
  if (grants !== undefined) await applyGrants(on, id, grants, [...path, 'grants']);
}

function secretHashOf(
  on: SeedApplication,
  kind: SeededClient['kind'],
  secretFrom: string | undefined,
  known: string | null,
  path: SeedPath,
): string | null {
  const hasSecret = kind === 'confidential' || kind === 'machine';
  const at = [...path, 'secretFrom'];
  if (!hasSecret) {
    if (secretFrom !== undefined) on.complain(at, `is not for a ${kind} client, which cannot keep a secret`);
    return null;
  }
  if (secretFrom === undefined) {
    if (known === null)
      on.complain(path, `is a ${kind} client: name the variable of its secret as secretFrom`);
    return known;
  }
  const secret = on.secret(secretFrom);
  if (secret === undefined || secret.length < 32) {
    on.complain(
      at,
      `the variable ${secretFrom} ${secret === undefined ? 'is not set' : 'has fewer than 32 characters'}`,
    );
    return known;
  }
  return known !== null && secretMatches(known, secret) ? known : hashSecret(secret);
}

async function applyGrants(
  on: SeedApplication,
  clientId: string,
  grants: PermissionsByApi,
  path: SeedPath,
): Promise<void> {
  const there = await on.tx.select().from(clientGrant).where(eq(clientGrant.clientId, clientId));
  for (const identifier of Object.keys(grants)) {
    const api = on.apis.get(identifier);
    if (api === undefined || there.some((row) => row.resourceServerId === api.id)) continue;
    const fresh = { id: newId('cgr'), clientId, resourceServerId: api.id };
    await on.tx.insert(clientGrant).values(fresh);
    there.push(fresh);
    await on.did('+', `client ${clientId} for API ${identifier}`, {
      action: 'client-grant.create',
      target: { kind: 'client-grant', id: fresh.id },
      after: { clientId, audience: identifier },
      touches: [{ clientId, resourceServerId: api.id }],
    });
  }
  const wanted = on.named(grants, path);
  for (const grant of there) {
    const ofApi = wanted.filter(({ apiId }) => apiId === grant.resourceServerId);
    await applyGrant(on, grant, ofApi);
  }
}

async function applyGrant(
  on: SeedApplication,
  { id, clientId, resourceServerId }: typeof clientGrant.$inferSelect,
  wanted: readonly NamedPermission[],
): Promise<void> {
  const rows = await on.tx
    .select()
    .from(clientGrantPermission)
    .where(eq(clientGrantPermission.clientGrantId, id));
  const held = rows.map(({ permissionId }) => permissionId);
  const change = { action: 'client-grant.update', target: { kind: 'client-grant', id } };
  const touches = [{ clientId, resourceServerId }];
  for (const one of wanted.filter((each) => !held.includes(each.id))) {
    await on.tx
      .insert(clientGrantPermission)
      .values({ clientGrantId: id, permissionId: one.id, grantedBy: on.by });
    const after = { clientId, permissions: [one.label] };
    await on.did('+', `${one.label} for client ${clientId}`, { ...change, after, touches });
  }
  for (const one of on.surplus(held, wanted)) {
    await on.tx
      .delete(clientGrantPermission)
      .where(
        and(eq(clientGrantPermission.clientGrantId, id), eq(clientGrantPermission.permissionId, one.id)),
      );
    const before = { clientId, permissions: [one.label] };
    await on.did('-', `${one.label} for client ${clientId}`, { ...change, before, touches });
  }
}

export async function pruneClients(on: SeedApplication, kept: readonly string[]): Promise<void> {
  for (const { id, name } of await on.tx
    .select()
    .from(client)
    .where(notInArray(client.id, [...kept]))) {
    await endArtifacts(on.tx, eq(artifact.clientId, id));
    await on.tx.delete(client).where(eq(client.id, id));
    await on.did('-', `client ${id}`, {
      action: 'client.delete',
      target: { kind: 'client', id },
      before: { name },
      touches: [{ clientId: id }],
      denies: [{ by: 'client', value: id }],
    });
  }
}
