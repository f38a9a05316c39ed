import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface SystemEnvironment {
  readonly DATA_DIR: string;
  readonly IDENTITY_PORT: string;
  readonly PORT: string;
  readonly DASHBOARD_PORT: string;
  readonly METRICS_PORT: string;
  readonly [name: string]: string;
}

/** `npm start` as a process: what it printed, how it ended. */
export interface RunningSystem {
  readonly process: ChildProcess;
  /** All that it printed so far. */
  readonly output: () => string;
  /** Resolves with the printed text once everything is up; rejects when it ends before. */
  readonly up: Promise<string>;
  readonly ended: Promise<number | null>;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export function startSystem(environment: SystemEnvironment, names: readonly string[] = []): RunningSystem {
  const child = spawn(process.execPath, ['scripts/run.mjs', 'start', ...names], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  const up = new Promise<string>((resolve, reject) => {
    const read = (chunk: string): void => {
      text += chunk;
      if (text.includes('Ctrl-C stops everything')) resolve(text);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    void ended.then((code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  up.catch(() => undefined);
  return {
    process: child,
    output: () => text,
    up,
    ended,
    stop: (signal = 'SIGINT') => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Four ports nobody listens on, and a folder, as the environment of one system. */
export async function systemEnvironment(dataDir: string): Promise<SystemEnvironment> {
  const [identity, api, dashboard, metrics] = await freePorts(4);
  return {
    DATA_DIR: dataDir,
    IDENTITY_PORT: String(identity),
    PORT: String(api),
    DASHBOARD_PORT: String(dashboard),
    METRICS_PORT: String(metrics),
  };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, 'localhost');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port was given');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
