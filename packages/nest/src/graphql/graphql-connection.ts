import type { IncomingMessage } from 'node:http';
import { Refusal, type Outcome, type RequestHead } from '@portcullis/http';
import type { WebSocket } from 'ws';
import type { Entrance } from './entrance.ts';

/** What the WebSocket server of graphql-ws knows of a connection. */
export interface Wire {
  readonly socket: Pick<WebSocket, 'close' | 'once' | 'send'>;
  readonly request: IncomingMessage;
}

/** One WebSocket over which operations come, and whose credential came in its first message. */
export class GraphqlConnection {
  private readonly entrance: Entrance;
  private readonly wire: Wire;
  private readonly head: RequestHead;

  constructor(entrance: Entrance, wire: Wire, parameters: Readonly<Record<string, unknown>> = {}) {
    this.entrance = entrance;
    this.wire = wire;
    this.head = headOf(wire.request, parameters);
  }

  /**
   * Judges the credential, and closes the connection when it is bad, and when it expires.
   *
   * @returns whether the connection may go on
   */
  async open(): Promise<boolean> {
    const who = await this.entrance.judge(this.head);
    if (who instanceof Refusal) this.close(who);
    else if (who) this.closeAt(who.expiresAt);
    return !(who instanceof Refusal);
  }

  /** What the credential is worth now: expired, denied or with other permissions. */
  who(): Outcome | Promise<Outcome> {
    return this.entrance.judgeAgain(this.head);
  }

  close({ status, problem }: Refusal): void {
    this.wire.socket.close(CLOSE_CODES[status] ?? TRY_AGAIN_LATER, problem.code);
  }

  /** @param expiresAt seconds since the epoch */
  private closeAt(expiresAt: number): void {
    const milliseconds = Math.min(Math.max(expiresAt * 1000 - Date.now(), 0), LONGEST_TIMER);
    const timer = setTimeout(() => this.wire.socket.close(4401, 'ERR_TOKEN_EXPIRED'), milliseconds).unref();
    this.wire.socket.once('close', () => clearTimeout(timer));
  }
}

/** As graphql-ws has them, after the statuses of HTTP. */
const CLOSE_CODES: Readonly<Record<number, number>> = { 400: 4400, 401: 4401, 403: 4403 };

/** RFC 6455, 7.4.2: registered with IANA. */
const TRY_AGAIN_LATER = 1013;

/** Node's timers count in 31 bits: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * An Authorization header of the upgrade counts as well, so that two carriers are refused as two. No proof of
 * possession is taken: one that was made for the upgrade could not vouch for the messages after it.
 */
function headOf(
  { rawHeaders, url, method, socket }: IncomingMessage,
  parameters: Readonly<Record<string, unknown>>,
): RequestHead {
  // What is no text names no scheme, and is refused as that.
  const sent = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : '',
  ]);
  const upgrade = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : [],
  );
  const carriers = [...upgrade, ...sent].filter(([name]) => name?.toLowerCase() === 'authorization');
  return { rawHeaders: carriers.flat(), url, method, socket };
}
