import { eq } from 'drizzle-orm';
import { newId } from '../authority/new-id.ts';
import { generateSecret, hashSecret } from '../clients/client-secret.ts';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
  resourceServerAlias,
  role,
  rolePermission,
  user,
  userRole,
} from '../database/schema.ts';
import { generatePassword, hashPassword } from '../people/password.ts';
import { newUserId } from '../people/user-id.ts';
import type { Ongoing, Revocations } from '../revocation/revocations.ts';
import type { Settings } from '../settings.ts';
import { dashboardUris, ITEM_PERMISSIONS, seedClients } from './seed-clients.ts';

export const SEED_USERS = [
  { email: 'admin@example.com', name: 'Ada Admin', roles: ['menu-admin', 'identity-admin'] },
  { email: 'guest@example.com', name: 'Gus Guest', roles: [] },
] as const;

export const MENU_API = 'https://menu-api.example.com';

const ROLES = [
  {
    name: 'menu-admin',
    description: 'Creates, changes and deletes menu items',
    permissions: ['create:items', 'update:items', 'delete:items'],
  },
  { name: 'identity-admin', description: 'Manages users, roles and clients', permissions: [] },
];

const BY = 'seed';
const SEED: Actor = { subject: BY };

/**
 * Fills an empty database, in one transaction; of a filled one only the addresses follow the
 * environment. Returns the lines that a person must read now: passwords appear in them once, here.
 */
export async function seed(db: Database, changes: ChangeLog, seeds: Settings['seeds']): Promise<string[]> {
  const [existing] = await db.select({ id: client.id }).from(client).limit(1);
  if (existing) {
    await followAddresses(changes, seeds);
    return [
      `Log in as ${SEED_USERS.map(({ email }) => email).join(' or ')}; ` +
        '`npm run identity reset-seed` (with identity stopped) makes new passwords.',
    ];
  }
  const chosen = [seeds.adminPassword, seeds.guestPassword];
  const people = SEED_USERS.map((person, index) => {
    const password = chosen[index];
    return { ...person, password: password ?? generatePassword(), generated: password === undefined };
  });
  const hashes = await Promise.all(people.map(({ password }) => hashPassword(password)));
  await changes.write(SEED, async (tx, record) => {
    const permissionIds = await seedApi(tx, seeds);
    const roleIds = await seedRoles(tx, permissionIds);
    await seedEachClient(tx, seeds, permissionIds);
    for (const [index, person] of people.entries()) {
      const id = newUserId();
      await tx.insert(user).values({
        id,
        email: person.email,
        emailVerified: true,
        name: person.name,
        nickname: person.email.slice(0, person.email.indexOf('@')),
        passwordHash: hashes[index] ?? '',
      });
      for (const name of person.roles) {
        await tx.insert(userRole).values({ userId: id, roleId: roleIds.get(name) ?? '', grantedBy: BY });
      }
    }
    await record({
      action: 'seed',
      target: { kind: 'api', id: MENU_API_ID },
      after: {
        users: SEED_USERS,
        roles: ROLES,
        clients: seedClients(seeds).map(({ id, permissions }) => ({ id, permissions })),
      },
    });
  });
  return people.map(({ email, password, generated }) =>
    generated
      ? `Log in as ${email} with ${password} (shown this once)`
      : `Log in as ${email} with the password that was configured`,
  );
}

type Ids = ReadonlyMap<string, string>;

const MENU_API_ID = 'rs_menu_api';

async function seedApi(db: Database, seeds: Settings['seeds']): Promise<Ids> {
  await db.insert(resourceServer).values({ id: MENU_API_ID, identifier: MENU_API, name: 'WAB Menu API' });
  await followAlias(db, seeds);
  const rows = Object.entries(ITEM_PERMISSIONS).map(([name, description]) => ({
    id: newId('per'),
    resourceServerId: MENU_API_ID,
    name,
    description,
  }));
  await db.insert(permission).values(rows);
  return new Map(rows.map(({ name, id }) => [name, id]));
}

async function seedRoles(db: Database, permissionIds: Ids): Promise<Ids> {
  const rows = ROLES.map(({ permissions, ...row }) => ({ ...row, id: newId('rol'), permissions }));
  for (const { permissions, ...row } of rows) {
    await db.insert(role).values(row);
    for (const name of permissions) {
      const permissionId = permissionIds.get(name) ?? '';
      await db.insert(rolePermission).values({ roleId: row.id, permissionId, grantedBy: BY });
    }
  }
  return new Map(rows.map(({ name, id }) => [name, id]));
}

async function seedEachClient(db: Database, seeds: Settings['seeds'], permissionIds: Ids): Promise<void> {
  for (const { permissions, ...row } of seedClients(seeds)) {
    const secret = row.id === 'wab-machine' ? (seeds.machineSecret ?? generateSecret()) : generateSecret();
    const confidential = row.kind === 'confidential' || row.kind === 'machine';
    await db.insert(client).values({ ...row, secretHash: confidential ? hashSecret(secret) : null });
    if (permissions.length === 0) continue;
    const clientGrantId = newId('cgr');
    await db
      .insert(clientGrant)
      .values({ id: clientGrantId, clientId: row.id, resourceServerId: MENU_API_ID });
    for (const name of permissions) {
      const permissionId = permissionIds.get(name) ?? '';
      await db.insert(clientGrantPermission).values({ clientGrantId, permissionId, grantedBy: BY });
    }
  }
}

/** Ports and callbacks may be set after the first start; what was there stays. */
async function followAddresses(changes: ChangeLog, seeds: Settings['seeds']): Promise<void> {
  await changes.write(SEED, async (tx, record) => {
    const [dashboard] = await tx.select().from(client).where(eq(client.id, 'wab-dashboard'));
    if (dashboard) await followDashboard({ tx, record }, dashboard, seeds);
    await followAlias(tx, seeds);
  });
}

async function followDashboard(
  { tx, record }: Ongoing,
  { id, redirectUris, logoutUris }: typeof client.$inferSelect,
  seeds: Settings['seeds'],
): Promise<void> {
  const wanted = dashboardUris(seeds);
  const after = {
    redirectUris: [...new Set([...redirectUris, ...wanted.redirectUris])],
    logoutUris: [...new Set([...logoutUris, ...wanted.logoutUris])],
  };
  if (after.redirectUris.length === redirectUris.length && after.logoutUris.length === logoutUris.length)
    return;
  await tx.update(client).set(after).where(eq(client.id, id));
  await record({
    action: 'client.update',
    target: { kind: 'client', id },
    before: { redirectUris, logoutUris },
    after,
  });
}

/** RFC 9728, 3.3: the API's own address is its resource identifier, with or without the slash. */
async function followAlias(db: Database, seeds: Settings['seeds']): Promise<void> {
  const [api] = await db.select().from(resourceServer).where(eq(resourceServer.identifier, MENU_API));
  if (!api) return;
  const origin = `http://localhost:${seeds.apiPort}`;
  const rows = [origin, `${origin}/`].map((alias) => ({ alias, resourceServerId: api.id }));
  await db.insert(resourceServerAlias).values(rows).onConflictDoNothing();
}

/** New passwords for the seeded users, who are logged out everywhere; the lines that show them. */
export async function resetSeedPasswords(
  changes: ChangeLog,
  revocations: Revocations,
  actor: Actor,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { email } of SEED_USERS) {
    const password = generatePassword();
    const passwordHash = await hashPassword(password);
    const found = await changes.write(actor, async (tx, record) => {
      const now = new Date();
      const [changed] = await tx
        .update(user)
        .set({ passwordHash, passwordChangedAt: now, updatedAt: now })
        .where(eq(user.email, email))
        .returning({ id: user.id });
      if (changed === undefined) return false;
      await record({ action: 'user.password.change', target: { kind: 'user', id: changed.id } });
      await revocations.userEnded({ tx, record }, changed.id);
      return true;
    });
    lines.push(found ? `${email}: ${password}` : `${email}: no such user`);
  }
  return lines;
}
