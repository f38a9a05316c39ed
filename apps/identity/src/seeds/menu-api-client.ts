import { eq } from 'drizzle-orm';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import { generateSecret, hashSecret, secretMatches } from '../clients/client-secret.ts';
import { client, resourceServer } from '../database/schema.ts';
import { MENU_API } from './seed.ts';

const CLIENT = 'wab-menu-api';
const SEED: Actor = { subject: 'seed' };

export interface MenuApiClientSettings {
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
 * Brings the client that the menu API itself is to what this start was told: it is that API, and has
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
  // Nobody else makes the folder where the database is a server's.
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${secret}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}
