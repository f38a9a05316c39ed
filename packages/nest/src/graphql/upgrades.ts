import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from '@portcullis/http';
import type { VerifyClientCallbackAsync, WebSocketServer } from 'ws';
import { FOREIGN_PAGE, LONGEST_MESSAGE, written } from '../refused-upgrade.ts';

/** What is asked of a connection before it is one. */
export interface UpgradeSettings {
  /** Other web origins whose pages may connect. */
  readonly origins?: readonly string[] | undefined;
  /** Bytes of the longest message, the first one too. Default a megabyte. */
  readonly maxPayload?: number | undefined;
}

/**
 * Answers an upgrade that is for no path of GraphQL's, where nobody else could. Node leaves such a connection to those who
 * listen for upgrades and sets it no time limit, and Nest's listener forgets it: it would stay open for as long as the
 * client likes.
 */
export class ForgottenUpgrades {
  private readonly paths: string[] = [];

  /** @param path of a driver with subscriptions, which listens once for itself */
  attend(server: Server, path: string): void {
    if (this.paths.push(path) === 1) server.on('upgrade', this.answer.bind(this, server));
  }

  private answer(server: Server, { url = '' }: IncomingMessage, socket: Duplex): void {
    const ours = this.paths.some((path) => url.startsWith(path));
    if (ours || server.listenerCount('upgrade') > this.paths.length + 1) return;
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  }
}

/**
 * Bounds the WebSocket server of a driver that has just started, which Nest makes with no other options than its path.
 *
 * @param refused told of a page that may not connect
 * @returns the server
 * @throws TypeError when the driver has subscriptions and its server is not where this version of Nest has it
 */
export function guardUpgrades(
  driver: object,
  { origins = [], maxPayload }: UpgradeSettings,
  refused: (refusal: Refusal) => void,
): WebSocketServer {
  const server = serverOf(driver);
  const verifyClient: VerifyClientCallbackAsync = ({ req }, done) => {
    if (mayConnect(req, origins)) return done(true);
    refused(FOREIGN_PAGE);
    done(false, ...written(FOREIGN_PAGE));
  };
  Object.assign(server.options, { maxPayload: maxPayload ?? LONGEST_MESSAGE, verifyClient });
  return server;
}

function serverOf(driver: object): WebSocketServer {
  const service: unknown = Reflect.get(driver, '_subscriptionService');
  const server: unknown = isObject(service) ? Reflect.get(service, 'wss') : undefined;
  if (isObject(server) && 'options' in server && isObject(server.options)) return server as WebSocketServer;
  throw new TypeError(
    'this driver keeps the WebSocket server of its subscriptions where nothing can bound it: take ApolloDriver of @nestjs/apollo 14, or leave "subscriptions" out of the options of GraphQLModule',
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Only browsers send an Origin, and they send it always (RFC 6455, 10.2). */
function mayConnect({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = headers;
  if (origin === undefined || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
