import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Socket } from 'node:net';
import { Client, Pool, type ClientConfig } from 'pg';
import type { OpenDatabase } from './database.ts';
import { isDatabaseAway } from './database-away.ts';
import type { Log } from './log.ts';
import { PostgresSession } from './postgres-session.ts';
import { StartRefused } from './start-refused.ts';

export interface PostgresOptions<Schema extends Record<string, unknown>> {
  /** `postgres://user:password@host:port/database`, with `?sslmode=verify-full` for TLS. */
  readonly url: string;
  /** The variable that holds the address, for the sentence of a refused start. */
  readonly variable: string;
  /** What the server lists the connections as. */
  readonly application: string;
  /** Absolute path of the folder that drizzle-kit wrote. */
  readonly migrations: string;
  readonly schema: Schema;
  readonly log: Log;
}

/** The oldest release that still gets fixes. */
const OLDEST = 14;
/** Milliseconds, of which a server that does not answer lets nobody wait two thousand: see `PostgresSession`. */
const CONNECT_WITHIN = 1500;
/** For one of the connections, when all are in use. */
const WAIT_AT_MOST = 5000;
const STATEMENT_WITHIN = 5000;
const LOCK_WITHIN = 4000;
const CONNECTIONS = 10;

/**
 * A Postgres server, brought to the newest migration. Several processes may open it at once: one migrates,
 * the others wait. A statement may take 5 s, a lock 4 s, a transaction may stand idle for 5 s. When the
 * server goes away, calls fail within 2 s with an error that `isDatabaseAway` knows, and work again once it
 * is back.
 *
 * @throws StartRefused naming the variable when the server cannot be used: nothing answers, wrong password,
 *   no such database, no Postgres or one before 14, a read-only standby, no right to make tables
 */
export async function openPostgresDatabase<Schema extends Record<string, unknown>>(
  options: PostgresOptions<Schema>,
): Promise<OpenDatabase<Schema>> {
  const { schema, log } = options;
  const config = connectionTo(options);
  const exclusively = <Result>(name: string, work: () => Promise<Result>) =>
    holding(config, `${options.application}: ${name}`, work);
  const at = new URL(options.url).host || 'localhost';
  const strange = `what answers at ${at} does not speak as Postgres does, or not in time. Look at host and port`;
  await examine(config).catch((error: unknown) => {
    throw refused(options, sentenceFor(error, options.url) ?? strange, error);
  });
  await exclusively('migrate', () => brought(config, options)).catch((error: unknown) => {
    const sentence = sentenceFor(error, options.url);
    throw sentence === undefined ? error : refused(options, sentence, error);
  });

  const sockets = new Set<Socket>();
  const pool = new Pool({
    ...config,
    connectionTimeoutMillis: WAIT_AT_MOST,
    stream: () => tracked(session.silent ? deadSocket() : new Socket(), sockets),
    max: CONNECTIONS,
    statement_timeout: STATEMENT_WITHIN,
    lock_timeout: LOCK_WITHIN,
    idle_in_transaction_session_timeout: STATEMENT_WITHIN,
  });
  // While a connection changes hands nobody listens, and what breaks it then would end this process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  pool.on('error', () => undefined);
  const session = new PostgresSession(config, {
    onLost: (error) => log.error({ err: error }, 'the database does not answer'),
    onSilence: () => sockets.forEach((socket) => socket.destroy()),
    onBack: () => log.info('the database answers again'),
  });
  session.start();
  return {
    db: releasing(drizzle(pool, { schema }), pool),
    listen: (channel, listener) => session.listen(channel, listener),
    exclusively,
    close: async () => {
      await session.close();
      await pool.end();
    },
  };
}

function connectionTo({ url, application }: { readonly url: string; readonly application: string }) {
  return {
    connectionString: url,
    application_name: application,
    connectionTimeoutMillis: CONNECT_WITHIN,
    keepAlive: true,
  };
}

async function examine(config: ClientConfig): Promise<void> {
  await connected(config, async (client) => {
    const { rows } = await client.query<{ version: string; standby: boolean }>(
      `SELECT current_setting('server_version_num') AS version, pg_is_in_recovery() AS standby`,
    );
    const version = Math.floor(Number(rows[0]?.version) / 10_000);
    if (!(version >= OLDEST)) throw new Unusable(`is Postgres ${version}; ${OLDEST} or newer is needed`);
    if (rows[0]?.standby) throw new Unusable('is a read-only standby. Name the primary server');
  });
}

function brought<Schema extends Record<string, unknown>>(
  config: ClientConfig,
  { migrations }: PostgresOptions<Schema>,
): Promise<void> {
  return connected(config, (client) => migrate(drizzle(client), { migrationsFolder: migrations }));
}

/** The lock is the session's: it ends with the process, however that ends. */
function holding<Result>(config: ClientConfig, name: string, work: () => Promise<Result>): Promise<Result> {
  return connected(config, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]);
    return work();
  });
}

async function connected<Result>(
  config: ClientConfig,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client(config);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Transactions on a connection that always goes back: drizzle's own keeps one whose BEGIN failed, and returns
 * one that broke half-way.
 */
function releasing<Db extends ReturnType<typeof drizzle>>(db: Db, pool: Pool): Db {
  const schema = db._.fullSchema;
  db.transaction = async (work, config) => {
    const client = await pool.connect();
    let broken: Error | undefined;
    const failed = (error: Error): void => void (broken = error);
    client.on('error', failed);
    try {
      return await drizzle(client, { schema }).transaction(work, config);
    } catch (error) {
      if (isDatabaseAway(error)) broken = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      client.off('error', failed);
      client.release(broken);
    }
  };
  return db;
}

/** For the pool of a server that is known not to answer: each request would wait for itself. */
function deadSocket(): Socket {
  const socket = new Socket();
  process.nextTick(() => socket.destroy(new Error('Connection terminated: the server does not answer')));
  return socket;
}

function tracked(socket: Socket, sockets: Set<Socket>): Socket {
  sockets.add(socket);
  return socket.once('close', () => sockets.delete(socket));
}

class Unusable extends Error {}

function refused(
  { variable }: { readonly variable: string },
  sentence: string,
  cause: unknown,
): StartRefused {
  return new StartRefused(
    `${variable}: ${sentence}. Example: ${variable}=postgres://portcullis:<password>@localhost:5432/portcullis`,
    { cause },
  );
}

function sentenceFor(error: unknown, url: string): string | undefined {
  const { host, username, pathname } = new URL(url);
  const at = host || 'localhost';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Unusable) return `the server at ${at} ${cause.message}`;
  if (!(cause instanceof Error)) return undefined;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `nothing answers at ${at}. Start Postgres there, or leave the variable unset to use the embedded database`;
    case '28P01':
    case '28000':
      return `the server at ${at} refuses the user ${username || '(none)'} or the password`;
    case '3D000':
      return `the server at ${at} has no database ${pathname.slice(1)}. Make it: createdb ${pathname.slice(1)}`;
    case '42501':
      return `the user ${username} may not make tables in ${pathname.slice(1)}. Make it the owner: ALTER DATABASE … OWNER TO …`;
    case '53300':
      return `the server at ${at} has no connection left. Raise its max_connections`;
    case '57P03':
      return `the server at ${at} is starting or stopping. Try again in a moment`;
  }
  if (cause.message === 'The server does not support SSL connections')
    return `the server at ${at} does not speak TLS. Switch it on there, or leave sslmode out`;
  if (/CERT|SIGNATURE|ALTNAME/.test(code))
    return `the certificate of the server at ${at} is not trusted (${code}). Name its authority: ?sslmode=verify-full&sslrootcert=/path/to/ca.pem`;
  return undefined;
}
