import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { postgresUser } from '../../../scripts/postgres-server.ts';

/** A real Postgres on a free port of 127.0.0.1, with a folder of its own. */
export interface PostgresServer {
  readonly port: number;
  /** Makes an empty database; returns its address. */
  database(): Promise<string>;
  /** Lets it stand still (SIGSTOP), every process of it, until `resume`: connections stay, answers do not come. */
  pause(): void;
  resume(): void;
  /** Ends it without a word to anybody, as `pg_ctl stop -m immediate` does. */
  crash(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

// No fsync: what ends here is processes, and the system they run on keeps what they wrote.
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'max_connections=60',
  'shared_buffers=64MB',
  'autovacuum=off',
  'fsync=off',
];

export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const programs = process.env['POSTGRES_BIN'];
  if (programs === undefined) throw new Error('POSTGRES_BIN names no folder');
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  if (postgresUser.uid !== undefined) chownSync(folder, postgresUser.uid, postgresUser.gid);
  const data = join(folder, 'data');
  const made = spawnSync(
    join(programs, 'initdb'),
    [
      '--pgdata',
      data,
      '--username',
      'postgres',
      '--auth',
      'trust',
      '--locale',
      'C',
      '--encoding',
      'UTF8',
      '--no-sync',
    ],
    { ...postgresUser, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const argv = ['-D', data, '-p', String(port), '-k', folder];
  for (const setting of [...SETTINGS, ...settings]) argv.push('-c', setting);
  let child = await running(join(programs, 'postgres'), argv);
  let databases = 0;

  const signal = (name: NodeJS.Signals): void => {
    for (const pid of family(child)) process.kill(pid, name);
  };
  const ended = async (name: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(name);
    await exit;
  };

  return {
    port,
    database: async () => {
      const name = `identity_${(databases += 1)}`;
      const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    crash: () => ended('SIGQUIT'),
    restart: async () => {
      await ended('SIGQUIT');
      child = await running(join(programs, 'postgres'), argv);
    },
    stop: async () => {
      await ended('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server and the processes that it made. */
function family({ pid = 0 }: ChildProcess): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return [pid, ...stdout.split('\n').map(Number).filter(Boolean)];
}

async function running(program: string, argv: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, argv, { ...postgresUser, stdio: ['ignore', 'ignore', 'pipe'] });
  endWithUs(child);
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output.push(text);
      if (text.includes('database system is ready to accept connections')) resolve();
    });
    child.once('exit', () => reject(new Error(`postgres ended: ${output.join('')}`)));
  });
  return child;
}

/** A test runner that is killed runs no hook: the end of its pipe is what a shell beside the server waits for. */
function endWithUs(server: ChildProcess): void {
  if (server.pid === undefined) return;
  const watch = spawn('sh', ['-c', 'read -r _; kill -QUIT "$0"', String(server.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  server.once('exit', () => watch.kill('SIGKILL'));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}
