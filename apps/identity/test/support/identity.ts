import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ChangeLog } from '../../src/changes/change-log.ts';
import { openDatabase } from '../../src/database/database.ts';
import { seed } from '../../src/seeds/seed.ts';
import { readSettings, type Settings } from '../../src/settings.ts';
import { startIdentity, type RunningIdentity } from '../../src/start-identity.ts';

export const ADMIN = { email: 'admin@example.com', password: 'the kitchen opens at six' };
export const GUEST = { email: 'guest@example.com', password: 'a table for two' };
export const MACHINE_SECRET = 'the-machine-that-orders-onions-0123456789';

const directories: string[] = [];

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-identity-'));
  directories.push(directory);
  return directory;
}

afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, 'localhost', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()));
    });
  });
}

export async function settingsFor(environment: Record<string, string> = {}): Promise<Settings> {
  return readSettings({
    IDENTITY_PORT: String(await freePort()),
    DATA_DIR: temporaryDirectory(),
    SEED_ADMIN_PASSWORD: ADMIN.password,
    SEED_GUEST_PASSWORD: GUEST.password,
    SEED_MACHINE_SECRET: MACHINE_SECRET,
    LOG_LEVEL: 'silent',
    ...environment,
  });
}

type Prepare = (db: Awaited<ReturnType<typeof openDatabase>>['db']) => Promise<unknown>;

/** @param options.prepare adds to the seeded database before anybody uses it */
export async function startForTest(
  environment: Record<string, string> = {},
  { prepare, ...options }: Parameters<typeof startIdentity>[1] & { readonly prepare?: Prepare } = {},
): Promise<RunningIdentity & { readonly settings: Settings }> {
  const settings = await settingsFor(environment);
  if (prepare) await onSeededDatabase(settings, prepare);
  return { ...(await startIdentity(settings, options)), settings };
}

/** Changes a seeded database before an identity runs on it. */
export async function onSeededDatabase(settings: Settings, prepare: Prepare): Promise<void> {
  const database = await openDatabase(settings.directory);
  const changes = new ChangeLog(database.db, { longestToken: settings.accessTokenTtl });
  await changes.open();
  await seed(database.db, changes, settings.seeds);
  await prepare(database.db);
  await database.close();
}
