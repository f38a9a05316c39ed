import type { Log } from '@portcullis/service';
import { openEmbeddedDatabase, type OpenDatabase } from '@portcullis/service/database';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { fileURLToPath } from 'node:url';
import * as schema from './schema.ts';

/** The database, or a transaction on it. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * The server at `url` when there is one, which several nodes may share; else the embedded database.
 *
 * @param directory absolute path, where the embedded one is
 * @throws StartRefused when another process holds the directory, or the server cannot be used
 */
export async function openDatabase(
  directory: string,
  server?: { readonly url: string | undefined; readonly log: Log },
): Promise<OpenDatabase<typeof schema>> {
  if (server?.url === undefined) return openEmbeddedDatabase({ directory, migrations, schema });
  // Whoever runs the embedded database does without the driver's memory.
  const { openPostgresDatabase } = await import('@portcullis/service/postgres');
  return openPostgresDatabase({
    url: server.url,
    variable: 'IDENTITY_DATABASE_URL',
    application: 'portcullis-identity',
    migrations,
    schema,
    log: server.log,
  });
}
