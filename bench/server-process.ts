import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { TestIssuer } from '@portcullis/testing';
import type { Spent } from './servers/hello.ts';

export const SERVERS = [
  'no-guard',
  'yes-guard',
  'cache-guard',
  'jose-guard',
  'passport-yes',
  'passport-jwt',
  'portcullis',
  'portcullis-passport',
] as const;

export type ServerName = (typeof SERVERS)[number];

/** One server of `servers/`, in a process of its own. */
export class ServerProcess {
  readonly port: number;
  /** Milliseconds from the start of its process until it listened. */
  readonly started: number;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, port: number, started: number) {
    this.child = child;
    this.port = port;
    this.started = started;
  }

  static async start(name: ServerName, { issuer, audience, jwksUri }: TestIssuer): Promise<ServerProcess> {
    const port = await freePort();
    const program = fileURLToPath(new URL(`servers/${name}.ts`, import.meta.url));
    const before = performance.now();
    const child = fork(program, {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        PORT: String(port),
        ISSUER_URL: issuer,
        AUDIENCE: audience,
        JWKS_URI: jwksUri,
      },
    });
    const died = once(child, 'exit').then(() => {
      throw new Error(`${name} ended before it listened`);
    });
    await Promise.race([once(child, 'message'), died]);
    died.catch(() => undefined);
    return new ServerProcess(child, port, performance.now() - before);
  }

  async spent(): Promise<Spent> {
    this.child.send('spent');
    const [spent]: unknown[] = await once(this.child, 'message');
    return spent as Spent;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
