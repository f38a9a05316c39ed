import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissionsOfClient, permissionsOfRoles } from '../src/authority/held-permissions.ts';
import { ChangeLog } from '../src/changes/change-log.ts';
import { openDatabase } from '../src/database/database.ts';
import { client, permission, resourceServer, role, rolePermission } from '../src/database/schema.ts';
import { MANAGEMENT_PERMISSION_NAMES } from '../src/management/management-permissions.ts';
import { followManagementApi } from '../src/seeds/management-api.ts';
import { seed } from '../src/seeds/seed.ts';
import { settingsFor, temporaryDirectory } from './support/identity.ts';
import { ADMIN_MACHINE_SECRET } from './support/management.ts';

let database: Awaited<ReturnType<typeof openDatabase>>;
let settings: Awaited<ReturnType<typeof settingsFor>>;
beforeAll(async () => {
  settings = await settingsFor({ SEED_ADMIN_MACHINE_SECRET: ADMIN_MACHINE_SECRET });
  database = await openDatabase(temporaryDirectory());
  const changes = new ChangeLog(database.db, { longestToken: 600 });
  await changes.open();
  await seed(database.db, changes, settings.seeds);
  await followManagementApi(database.db, settings);
});
afterAll(() => database.close());

async function standing() {
  const { db } = database;
  const [admin] = await db.select().from(role).where(eq(role.name, 'identity-admin'));
  const [api] = await db.select().from(resourceServer).where(eq(resourceServer.isSystem, true));
  const names = (held: readonly { readonly name: string; readonly ofSystem: boolean }[]) =>
    held.filter(({ ofSystem }) => ofSystem).map(({ name }) => name);
  return {
    roleId: admin?.id ?? '',
    identifier: api?.identifier,
    ofAdmins: names(await permissionsOfRoles(db, [admin?.id ?? ''])),
    ofDashboard: names(await permissionsOfClient(db, 'wab-dashboard')),
    ofMachine: names(await permissionsOfClient(db, 'wab-admin-machine')),
    ofMenuApi: names(await permissionsOfClient(db, 'wab-menu-api')),
    ofItemMachine: names(await permissionsOfClient(db, 'wab-machine')),
  };
}

describe('the Management API of a start', () => {
  it('is there for administrators, and its own two permissions for an API', async () => {
    const all = MANAGEMENT_PERMISSION_NAMES.toSorted((one, other) => (one < other ? -1 : 1));
    expect(await standing()).toMatchObject({
      identifier: `${settings.issuer}api/v2/`,
      ofAdmins: all,
      ofDashboard: all,
      ofMachine: all,
      ofMenuApi: ['read:changes', 'read:user_effective_permissions'],
      ofItemMachine: [],
    });
  });

  it('is the same after another start, under the issuer of that', async () => {
    const before = await standing();
    await followManagementApi(database.db, { ...settings, issuer: 'https://login.example.com/' });
    expect(await standing()).toEqual({ ...before, identifier: 'https://login.example.com/api/v2/' });
  });

  it('leaves taken what was taken, and gives what a later version brings', async () => {
    const { db } = database;
    const { roleId } = await standing();
    const idOf = async (name: string) =>
      (await db.select().from(permission).where(eq(permission.name, name)))[0]?.id ?? '';
    await db
      .delete(rolePermission)
      .where(
        and(eq(rolePermission.roleId, roleId), eq(rolePermission.permissionId, await idOf('read:logs'))),
      );
    // As if the version before had not had it.
    await db.delete(permission).where(eq(permission.name, 'grant:permissions'));
    await followManagementApi(db, settings);
    const { ofAdmins, ofDashboard, ofMachine } = await standing();
    expect(ofAdmins).not.toContain('read:logs');
    for (const held of [ofAdmins, ofDashboard, ofMachine]) expect(held).toContain('grant:permissions');
  });

  it('has a machine to administrate only while the environment says so', async () => {
    const { db } = database;
    const machine = async () =>
      (await db.select().from(client).where(eq(client.id, 'wab-admin-machine')))[0]?.enabled;
    expect(await machine()).toBe(true);
    const without = { ...settings, seeds: { ...settings.seeds, adminMachineSecret: undefined } };
    await followManagementApi(db, without);
    expect(await machine()).toBe(false);
    await followManagementApi(db, settings);
    expect(await machine()).toBe(true);
  });
});
