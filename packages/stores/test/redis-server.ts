import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real Redis on a free port of 127.0.0.1, with a folder of its own. */
export interface RedisServer {
  readonly url: string;
  /** Lets it stand still (SIGSTOP) until `resume`: connections stay, answers do not come. */
  pause(): void;
  resume(): void;
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export async function startRedisServer(settings: readonly string[] = []): Promise<RedisServer> {
  const binary = process.env['REDIS_SERVER'];
  if (binary === undefined) throw new Error('REDIS_SERVER names no redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'redis-'));
  const port = await freePort();
  const argv = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...settings];
  let child = await running(binary, argv);

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill,
    restart: async () => {
      await kill();
      child = await running(binary, argv);
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

async function running(binary: string, argv: readonly string[]): Promise<ChildProcess> {
  const child = spawn(binary, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  endWithUs(child);
  const output: string[] = [];
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.push(text);
      if (output.join('').includes('Ready to accept connections')) resolve();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server ended: ${output.join('')}`)));
  });
  return child;
}

/** A test runner that is killed runs no hook: the end of its pipe is what a shell beside the server waits for. */
function endWithUs(server: ChildProcess): void {
  if (server.pid === undefined) return;
  const watch = spawn('sh', ['-c', 'read -r _; kill -9 "$0"', String(server.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  server.once('exit', () => watch.kill('SIGKILL'));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  server.close();
  await once(server, 'close');
  return address.port;
}
