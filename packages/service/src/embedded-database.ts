import { PGlite } from '@electric-sql/pglite';
import { drizzle, type PgliteDatabase } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { join } from 'node:path';
import { holdDirectory } from './directory-hold.ts';

export interface EmbeddedDatabase<Schema extends Record<string, unknown>> {
  readonly db: PgliteDatabase<Schema>;
  /** Waits for what is being written, closes the files and gives the directory up. */
  close(): Promise<void>;
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
  const postgres = new PGlite(join(options.directory, 'postgres'));
  try {
    const db = drizzle(postgres, { schema: options.schema });
    await migrate(db, { migrationsFolder: options.migrations });
    return {
      db,
      close: async () => {
        await postgres.close();
        hold.release();
      },
    };
  } catch (error) {
    await postgres.close();
    hold.release();
    throw error;
  }
}
