import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { drizzle, type PgliteDatabase } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import type { OpenDatabase } from './database.ts';
import { holdDirectory, type DirectoryHold } from './directory-hold.ts';

export type { OpenDatabase } from './database.ts';

/** Closing it gives its directory up. */
export interface EmbeddedDatabase<Schema extends Record<string, unknown>> extends OpenDatabase<Schema> {
  readonly db: PgliteDatabase<Schema>;
}

/**
 * Postgres in this process, on disk, brought to the newest migration.
 *
 * @param options.directory absolute path; held against every other process until `close`
 * @param options.migrations absolute path of the folder that drizzle-kit wrote
 * @throws StartRefused when the directory cannot be written or another process holds it
 */
export async function openEmbeddedDatabase<Schema extends Record<string, unknown>>(options: {
  readonly directory: string;
  readonly migrations: string;
  readonly schema: Schema;
}): Promise<EmbeddedDatabase<Schema>> {
  const hold = holdDirectory(options.directory);
  try {
    const postgres = new PGlite(await clusterIn(options.directory));
    try {
      const db = drizzle(postgres, { schema: options.schema });
      await migrate(db, { migrationsFolder: options.migrations });
      return {
        db,
        listen: (channel, listener) => listenOn(postgres, channel, listener),
        // The directory is held: nobody shares it.
        exclusively: (_name, work) => work(),
        close: () => closed(postgres, hold),
      };
    } catch (error) {
      await postgres.close();
      throw error;
    }
  } catch (error) {
    hold.release();
    throw error;
  }
}

function listenOn(postgres: PGlite, channel: string, listener: () => void): () => void {
  const call = (): void => listener();
  const listening = postgres.listen(channel, call);
  // What was notified before it listens is not told.
  listening.then(call, () => undefined);
  return () => {
    if (!postgres.closed) void listening.then((unlisten) => unlisten()).catch(() => undefined);
  };
}

async function closed(postgres: PGlite, hold: DirectoryHold): Promise<void> {
  try {
    if (!postgres.closed) await postgres.close();
  } finally {
    hold.release();
  }
}

/** The cluster's directory. A first start that was interrupted leaves only an unfinished one, made anew here. */
async function clusterIn(directory: string): Promise<string> {
  const cluster = join(directory, 'postgres');
  if (existsSync(cluster)) return cluster;
  for (const left of readdirSync(directory).filter((name) => name.startsWith(UNFINISHED)))
    rmSync(join(directory, left), { recursive: true, force: true });
  // A name of its own: the maker of an interrupted start may still be writing for a moment.
  const unfinished = join(directory, `${UNFINISHED}${process.pid}`);
  const program = fileURLToPath(new URL(`./create-cluster${extname(import.meta.url)}`, import.meta.url));
  const [code] = await once(fork(program, [unfinished], { execArgv: [] }), 'exit');
  if (code !== 0) throw new Error(`the database in ${directory} could not be made`);
  renameSync(unfinished, cluster);
  return cluster;
}

const UNFINISHED = 'postgres.unfinished.';
