import { openEmbeddedDatabase, type EmbeddedDatabase } from '@portcullis/service/database';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { fileURLToPath } from 'node:url';
import * as schema from './schema.ts';

/** The database, or a transaction on it. */
export type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

const migrations = fileURLToPath(new URL('../../migrations', import.meta.url));

/** @throws StartRefused when another process holds the directory. */
export function openDatabase(directory: string): Promise<EmbeddedDatabase<typeof schema>> {
  return openEmbeddedDatabase({ directory, migrations, schema });
}
