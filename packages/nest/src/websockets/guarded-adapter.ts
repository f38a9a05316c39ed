import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext, Type, WebSocketAdapter, WsMessageHandler } from '@nestjs/common';
import { Refusal, type Problem, type Standing } from '@portcullis/http';
import type { Observable } from 'rxjs';
import type { Connection } from './connection.ts';
import { Connections } from './connections.ts';
import { AUTHENTICATE, AUTHENTICATED } from './credential-message.ts';
import { GuardedServers } from './guarded-servers.ts';
import { Upgrades } from './upgrade.ts';
import { WaitingRoom } from './waiting-room.ts';
import { wireOfIo, wireOfWs, type IoSocket, type WsClient } from './wire.ts';

/** Of socket.io: a server, or a namespace of one. */
interface IoServer {
  /** Of a namespace. */
  readonly server?: IoServer;
  /** Of a server: its root namespace. */
  readonly sockets?: object;
  readonly _opts?: { readonly connectionStateRecovery?: object };
  use(middleware: (socket: IoSocket, next: (error?: Error) => void) => void): unknown;
  on(event: 'connection', listener: (socket: IoSocket) => void): unknown;
}

/**
 * Stands around the adapter of a platform, so that gateways meet nobody before it is known who they are.
 *
 * ```ts
 * app.useWebSocketAdapter(new GuardedAdapter(app, new WsAdapter(app)));
 * ```
 *
 * @throws TypeError when PortcullisWebSocketsModule is not imported
 */
export class GuardedAdapter implements WebSocketAdapter {
  readonly #inner: WebSocketAdapter;
  readonly #connections: Connections;
  readonly #servers: GuardedServers;
  readonly #upgrades: Upgrades;
  readonly #waiting: WaitingRoom;
  readonly #io = new WeakSet<object>();
  readonly #handshakes = new WeakMap<object, Standing>();

  constructor(app: INestApplicationContext, inner: WebSocketAdapter) {
    this.#inner = inner;
    this.#connections = of(app, Connections);
    this.#servers = of(app, GuardedServers);
    this.#upgrades = new Upgrades(this.#connections);
    this.#waiting = new WaitingRoom(this.#connections);
  }

  /** Set by Nest; the inner adapter heeds it. */
  set forceCloseConnections(value: boolean) {
    Reflect.set(this.#inner, 'forceCloseConnections', value);
  }

  create(port: number, options: Record<string, unknown> = {}): unknown {
    this.#servers.add();
    return this.#inner.create(port, this.#upgrades.options(options));
  }

  bindClientConnect(server: object, callback: Function): void {
    if (isIo(server)) this.#bindIo(server, callback);
    else this.#bindWs(server, callback);
  }

  bindClientDisconnect(client: object, callback: Function): void {
    this.#inner.bindClientDisconnect?.(client, callback);
  }

  bindMessageHandlers(
    client: object,
    handlers: WsMessageHandler[],
    transform: (data: unknown) => Observable<unknown>,
  ): void {
    const connection = this.#connections.of(client);
    const listens = connection === undefined || connection.listens;
    if (connection) connection.listens = true;
    this.#inner.bindMessageHandlers(
      client,
      listens ? handlers : [...handlers, this.#renewal(connection)],
      transform,
    );
  }

  async close(server: object): Promise<void> {
    this.#waiting.empty(server);
    await this.#inner.close(server);
  }

  async dispose(): Promise<void> {
    if ('dispose' in this.#inner && typeof this.#inner.dispose === 'function') await this.#inner.dispose();
  }

  /** A client may send a fresh credential at any time, and must before the old one expires. */
  #renewal(connection: Connection): WsMessageHandler {
    return {
      message: AUTHENTICATE,
      isAckHandledManually: false,
      callback: async (data: unknown) => {
        const standing = await this.#connections.authenticate(connection, data);
        return standing && { event: AUTHENTICATED, data: { expiresAt: standing.caller.expiresAt } };
      },
    };
  }

  #bindWs(server: object, callback: Function): void {
    this.#inner.bindClientConnect(server, (client: WsClient, request: IncomingMessage) => {
      const connection = this.#connections.of(client) ?? this.#enterWs(server, client, request);
      connection.whenOpen(() => callback(client, request));
    });
  }

  #enterWs(server: object, client: WsClient, request: IncomingMessage): Connection {
    const connection = this.#connections.enter({
      client,
      wire: wireOfWs(client),
      remoteAddress: request.socket.remoteAddress,
      standing: this.#upgrades.passed(request),
    });
    client.once('close', () => this.#connections.leave(client));
    if (connection.standing || this.#connections.settings.anonymous) connection.open();
    else this.#waiting.enter(server, client, connection);
    return connection;
  }

  #bindIo(server: IoServer & object, callback: Function): void {
    refuseRecovery(server);
    this.#guardNamespace(rootOf(server));
    this.#guardNamespace(namespaceOf(server));
    this.#inner.bindClientConnect(server, (socket: IoSocket, ...rest: unknown[]) => {
      const connection = this.#connections.of(socket) ?? this.#enterIo(socket);
      connection.whenOpen(() => callback(socket, ...rest));
    });
  }

  /** The root one too, which is there for whoever asks, though no gateway be in it. */
  #guardNamespace(namespace: IoServer): void {
    if (this.#io.has(namespace)) return;
    this.#io.add(namespace);
    namespace.use((socket, next) => {
      void this.#handshake(socket).then((refusal) => {
        if (refusal) this.#connections.report(refusal);
        next(refusal && connectError(refusal.problem));
      });
    });
    namespace.on('connection', (socket) => {
      if (this.#connections.of(socket) === undefined) this.#enterIo(socket);
    });
  }

  #enterIo(socket: IoSocket): Connection {
    const connection = this.#connections.enter({
      client: socket,
      wire: wireOfIo(socket),
      remoteAddress: socket.request.socket.remoteAddress,
      standing: this.#handshakes.get(socket),
    });
    socket.once('disconnect', () => this.#connections.leave(socket));
    connection.open();
    return connection;
  }

  async #handshake(socket: IoSocket): Promise<Refusal | undefined> {
    const { authenticator, settings } = this.#connections;
    const inHeader = await this.#upgrades.judge(socket.request);
    const inAuth = hasToken(socket.handshake.auth);
    if (inHeader !== undefined && inAuth)
      return authenticator.refusals.malformedRequest('the handshake carries two credentials: send one');
    const known = inAuth
      ? await this.#connections.judged(socket.handshake.auth, socket.request.socket.remoteAddress)
      : inHeader;
    if (known instanceof Refusal) return known;
    if (known) this.#handshakes.set(socket, known);
    else if (!settings.anonymous)
      return this.#connections.unknown(
        'this needs an access token: send it as "auth.token" of the handshake',
      );
    return undefined;
  }
}

function isIo(server: object): server is IoServer {
  return 'use' in server && typeof server.use === 'function';
}

function namespaceOf(server: IoServer): IoServer {
  return server.server === undefined && isNamespace(server.sockets) ? server.sockets : server;
}

function rootOf(server: IoServer): IoServer {
  return namespaceOf(server.server ?? server);
}

function isNamespace(sockets: object | undefined): sockets is IoServer {
  return sockets !== undefined && isIo(sockets);
}

/**
 * A client that is let back in has its rooms and what it missed at once, and is asked who it is afterwards, if at all: it
 * may be nobody any more, or somebody else on the same page.
 */
function refuseRecovery(server: IoServer): void {
  if ((server.server ?? server)._opts?.connectionStateRecovery !== undefined)
    throw new TypeError(
      '"connectionStateRecovery" lets clients back in without asking who they are: leave it out of the options of socket.io',
    );
}

function hasToken(auth: unknown): boolean {
  return typeof auth === 'object' && auth !== null && Object.hasOwn(auth, 'token');
}

/** socket.io hands a client `message` and `data` of it, and nothing else. */
function connectError(problem: Problem): Error {
  return Object.assign(new Error(problem.detail), { data: { ...problem } });
}

function of<Provider>(app: INestApplicationContext, provider: Type<Provider>): Provider {
  try {
    return app.get(provider, { strict: false });
  } catch {
    throw new TypeError(
      'GuardedAdapter needs PortcullisWebSocketsModule: import PortcullisWebSocketsModule.forRoot({ origins: […] }) beside PortcullisModule',
    );
  }
}
