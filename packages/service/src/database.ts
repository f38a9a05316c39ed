import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** A database that is open: the one in this process, or a server that several processes share. */
export interface OpenDatabase<Schema extends Record<string, unknown>> {
  readonly db: PgDatabase<PgQueryResultHKT, Schema>;
  /**
   * Calls the listener at every NOTIFY on the channel, and whenever some may have been missed, first when it
   * listens: listeners look for themselves what is new. Returns what ends it.
   *
   * @param channel lower case, as it is written in `pg_notify`
   */
  readonly listen: (channel: string, listener: () => void) => () => void;
  /** Does the work while no other process that shares the database does work of that name. */
  readonly exclusively: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;
  /** Waits for what is being written, and closes. */
  close(): Promise<void>;
}
