import { eq } from 'drizzle-orm';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChangeLog } from '../src/changes/change-log.ts';
import { secretMatches } from '../src/clients/client-secret.ts';
import { openDatabase } from '../src/database/database.ts';
import {
  client,
  clientGrant,
  clientGrantPermission,
  permission,
  resourceServer,
} from '../src/database/schema.ts';
import { followManagementApi } from '../src/seeds/management-api.ts';
import { followMenuApiClient, secretFile } from '../src/seeds/menu-api-client.ts';
import { seed } from '../src/seeds/seed.ts';
import { settingsFor, temporaryDirectory } from './support/identity.ts';

const ISSUER = 'http://localhost:4000/';
const AUDIENCE = `${ISSUER}api/v2/`;
const GIVEN = 'a secret that the environment gives, long enough';

let database: Awaited<ReturnType<typeof openDatabase>>;
let changes: ChangeLog;

beforeAll(async () => {
  database = await openDatabase(temporaryDirectory());
  changes = new ChangeLog(database.db, { longestToken: 600 });
  await changes.open();
  await seed(database.db, changes, (await settingsFor()).seeds);
});
afterAll(() => database.close());

/** As at a start with these settings. Resolves with how many changes that made. */
async function start({
  issuer = ISSUER,
  ...spoiled
}: Partial<Parameters<typeof followMenuApiClient>[1]> & { directory: string; issuer?: string }) {
  const { number } = await changes.position();
  await followManagementApi(database.db, { issuer, seeds: (await settingsFor()).seeds });
  await followMenuApiClient(changes, { secret: undefined, strict: false, ...spoiled });
  return (await changes.position()).number - number;
}

async function accepts(secret: string): Promise<boolean> {
  const [row] = await database.db.select().from(client).where(eq(client.id, 'wab-menu-api'));
  return secretMatches(row?.secretHash ?? '', secret);
}

const kept = (directory: string): string => readFileSync(secretFile(directory), 'utf8').trim();

describe('the client that the menu API itself is', () => {
  it('becomes that API at the first start, may ask about it, and has a secret that is in a file', async () => {
    const directory = temporaryDirectory();
    expect(await start({ directory })).toBe(2);
    expect(await accepts(kept(directory))).toBe(true);
    const [row] = await database.db.select().from(client).where(eq(client.id, 'wab-menu-api'));
    expect(row?.resourceServerId).toBe('rs_menu_api');
    const granted = await database.db
      .select({ name: permission.name, api: resourceServer.identifier, isSystem: resourceServer.isSystem })
      .from(clientGrant)
      .innerJoin(clientGrantPermission, eq(clientGrantPermission.clientGrantId, clientGrant.id))
      .innerJoin(permission, eq(permission.id, clientGrantPermission.permissionId))
      .innerJoin(resourceServer, eq(resourceServer.id, permission.resourceServerId))
      .where(eq(clientGrant.clientId, 'wab-menu-api'))
      .orderBy(permission.name);
    expect(granted).toEqual([
      { name: 'read:changes', api: AUDIENCE, isSystem: true },
      { name: 'read:user_effective_permissions', api: AUDIENCE, isSystem: true },
    ]);
  });

  it('is left as it is by every later start', async () => {
    const directory = temporaryDirectory();
    await start({ directory });
    const secret = kept(directory);
    expect(await start({ directory })).toBe(0);
    expect([kept(directory), await accepts(secret)]).toEqual([secret, true]);
  });

  it('gets a new secret when the file is gone, and the one of the environment when that is given', async () => {
    const directory = temporaryDirectory();
    await start({ directory });
    const before = kept(directory);
    rmSync(secretFile(directory));
    expect(await start({ directory })).toBe(1);
    expect([kept(directory) === before, await accepts(before)]).toEqual([false, false]);
    expect(await start({ directory, secret: GIVEN })).toBe(1);
    expect([kept(directory), await accepts(GIVEN)]).toEqual([GIVEN, true]);
  });

  it('has in production only the secret that was given, and no file', async () => {
    const directory = temporaryDirectory();
    expect(await start({ directory, strict: true })).toBe(0);
    await start({ directory, strict: true, secret: `${GIVEN} in production` });
    expect(await accepts(`${GIVEN} in production`)).toBe(true);
    expect(existsSync(secretFile(directory))).toBe(false);
  });

  it('follows the issuer to another address', async () => {
    const directory = temporaryDirectory();
    await start({ directory, issuer: 'http://localhost:4001/' });
    const systems = await database.db.select().from(resourceServer).where(eq(resourceServer.isSystem, true));
    expect(systems.map(({ identifier }) => identifier)).toEqual(['http://localhost:4001/api/v2/']);
  });
});
