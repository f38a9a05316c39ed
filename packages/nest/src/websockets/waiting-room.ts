import { LONGEST_MESSAGE } from '../refused-upgrade.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import { AUTHENTICATE, AUTHENTICATED, firstCredential } from './credential-message.ts';
import type { WsClient } from './wire.ts';

/** Messages that a client may send behind its credential before that is judged; together no longer than one may be. */
const MOST_HELD = 16;

/**
 * Where clients of the `ws` package wait until they have said who they are in their first message. No gateway meets
 * them, and a broadcast to the server's clients does not reach them.
 */
export class WaitingRoom {
  readonly #connections: Connections;
  readonly #waiting = new Map<object, Set<WsClient>>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  enter(server: object, client: WsClient, connection: Connection): void {
    const waiting = this.#waiting.get(server) ?? new Set();
    this.#waiting.set(server, waiting.add(client));
    clientsOf(server)?.delete(client);
    client.once('close', () => waiting.delete(client));

    const held: [data: unknown, isBinary: boolean][] = [];
    let room = LONGEST_MESSAGE;
    let asked = false;
    const listener = (data: unknown, isBinary: boolean): void => {
      if (connection.closed) return;
      if (asked) {
        room -= data instanceof Uint8Array ? data.byteLength : 0;
        if (held.length < MOST_HELD && room >= 0) held.push([data, isBinary]);
        else this.#connections.refuse(connection, this.#tooMany());
        return;
      }
      const credential = firstCredential(data, isBinary);
      if (credential === undefined) return this.#connections.refuse(connection, this.#notFirst());
      asked = true;
      void this.#connections.authenticate(connection, credential.data).then((standing) => {
        if (standing === undefined || connection.closed) return;
        client.off('message', listener);
        waiting.delete(client);
        clientsOf(server)?.add(client);
        connection.open();
        connection.wire.send(AUTHENTICATED, { expiresAt: standing.caller.expiresAt });
        for (const [message, binary] of held) client.emit('message', message, binary);
      });
    };
    client.on('message', listener);
  }

  /** As the server is closed: it no longer knows these. */
  empty(server: object): void {
    for (const client of this.#waiting.get(server) ?? []) client.terminate();
  }

  #notFirst(): ReturnType<Connections['unknown']> {
    return this.#connections.unknown(`the first message is the credential: send "${AUTHENTICATE}"`);
  }

  #tooMany(): ReturnType<Connections['unknown']> {
    return this.#connections.unknown('too many messages came before the credential was judged');
  }
}

/** What a broadcast goes to. */
function clientsOf(server: object): Set<unknown> | undefined {
  return 'clients' in server && server.clients instanceof Set ? server.clients : undefined;
}
