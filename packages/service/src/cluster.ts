import { PGlite } from '@electric-sql/pglite';

/**
 * One process, one connection: what Postgres sets aside for many would only be memory lost.
 * PGlite writes these into the configuration of the cluster it makes.
 */
const SMALL_CLUSTER = [
  'shared_buffers = 4MB',
  'max_connections = 4',
  'wal_buffers = 256kB',
  'max_wal_senders = 0',
  'max_worker_processes = 0',
];

/** Makes the Postgres cluster in a directory that holds none. */
export async function createCluster(directory: string): Promise<void> {
  const postgres = new PGlite(directory, { postgresqlconf: SMALL_CLUSTER });
  await postgres.waitReady;
  await postgres.close();
}
