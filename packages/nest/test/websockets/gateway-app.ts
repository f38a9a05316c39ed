import { once } from 'node:events';
import {
  Inject,
  Injectable,
  Module,
  type DynamicModule,
  type INestApplication,
  type LoggerService,
  type Type,
  type WebSocketAdapter,
} from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { Gate, PortcullisModule, type AccessEvent, type PortcullisOptions } from '@portcullis/nest';
import { createTestingApp } from '@portcullis/nest/testing';
import {
  GuardedAdapter,
  PortcullisWebSocketsModule,
  type WebSocketsOptions,
} from '@portcullis/nest/websockets';
import type { TestIssuer } from '@portcullis/testing';
import { onTestFinished } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';

export type Platform = (app: INestApplication) => WebSocketAdapter;

export const ws: Platform = (app) => new WsAdapter(app);
export const socketIo: Platform = (app) => new IoAdapter(app);

export interface Parts {
  readonly issuer: Pick<TestIssuer, 'issuer' | 'audience'>;
  readonly gateways: readonly Type[];
  readonly options?: Partial<PortcullisOptions>;
  /** Null for an application without the module. */
  readonly sockets?: WebSocketsOptions | null;
  readonly platform?: Platform;
  /** Whether the adapter stands behind ours. Default true. */
  readonly guarded?: boolean;
  readonly logger?: LoggerService;
}

export interface GatewayApp {
  /** Such as `127.0.0.1:4711`. */
  readonly host: string;
  readonly events: readonly AccessEvent[];
}

@Module({})
class AppModule {}

/** A real application with these gateways, closed when the test ends. */
export async function start(parts: Parts): Promise<GatewayApp> {
  const { issuer, gateways, options, sockets = {}, platform = ws, guarded = true, logger } = parts;
  const events: AccessEvent[] = [];
  @Injectable()
  class Watch {
    constructor(@Inject(Gate) gate: Gate) {
      gate.observe({ decided: (event) => void events.push(event) });
    }
  }
  const module: DynamicModule = {
    module: AppModule,
    imports: [
      PortcullisModule.forRoot({ issuer: issuer.issuer, audience: issuer.audience, ...options }),
      ...(sockets === null ? [] : [PortcullisWebSocketsModule.forRoot(sockets)]),
    ],
    providers: [Watch, ...gateways],
  };
  const { url, close } = await createTestingApp(module, {
    ...(logger && { logger }),
    prepare(app) {
      app.useWebSocketAdapter(guarded ? new GuardedAdapter(app, platform(app)) : platform(app));
    },
  });
  onTestFinished(close);
  return { host: url.slice('http://'.length), events };
}

/** A client that keeps what it hears, in order. */
export class Client {
  readonly heard: { event: string; data: unknown }[] = [];
  readonly socket: WebSocket;
  /** Code and reason. */
  readonly closed: Promise<string>;

  constructor(host: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(`ws://${host}/`, options);
    this.socket.on('message', (data: Buffer) => this.heard.push(JSON.parse(data.toString())));
    this.closed = new Promise((resolve) =>
      this.socket.once('close', (code, reason) => resolve(`${code} ${String(reason)}`)),
    );
    this.socket.on('error', () => undefined);
    onTestFinished(() => this.socket.terminate());
  }

  async open(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  send(event: string, data: unknown = {}): void {
    this.socket.send(JSON.stringify({ event, data }));
  }

  /** The next message, whatever it is; waits for it. */
  async next(): Promise<{ event: string; data: unknown }> {
    if (this.heard.length === 0) await once(this.socket, 'message');
    const [message] = this.heard.splice(0, 1);
    if (message === undefined) throw new Error('nothing was heard');
    return message;
  }

  async ask(event: string, data?: unknown): Promise<{ event: string; data: unknown }> {
    this.send(event, data);
    return this.next();
  }
}

/** What an upgrade that is refused was answered. */
export async function refusedUpgrade(
  host: string,
  options: ClientOptions,
): Promise<{ status: number | undefined; challenge: string | undefined; problem: unknown }> {
  const socket = new WebSocket(`ws://${host}/`, options);
  socket.on('error', () => undefined);
  const [, response] = await once(socket, 'unexpected-response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return {
    status: response.statusCode,
    challenge: response.headers['www-authenticate'],
    problem: JSON.parse(Buffer.concat(parts).toString()),
  };
}
