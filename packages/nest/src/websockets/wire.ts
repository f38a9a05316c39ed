import type { IncomingMessage } from 'node:http';

/** What is said to a client and how it is sent away, whatever the platform. */
export interface Wire {
  /** In the platform's usual form. */
  send(event: string, data: object): void;
  close(code: number, reason: string): void;
}

/** Of the `ws` package, as far as it is used. */
export interface WsClient {
  readonly readyState: number;
  send(data: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  off(event: 'message', listener: (data: unknown, isBinary: boolean) => void): unknown;
  once(event: 'close', listener: () => void): unknown;
  emit(event: 'message', data: unknown, isBinary: boolean): unknown;
}

/** A socket of socket.io, as far as it is used. */
export interface IoSocket {
  readonly handshake: { readonly auth: unknown };
  readonly request: IncomingMessage;
  emit(event: string, data: object): unknown;
  disconnect(close: true): unknown;
  once(event: 'disconnect', listener: () => void): unknown;
}

/** RFC 6455 5.5: a close frame has room for 123 bytes of reason. */
const LONGEST_REASON = 123;

export function wireOfWs(client: WsClient): Wire {
  return {
    send: (event, data) => client.send(JSON.stringify({ event, data })),
    close: (code, reason) => client.close(code, within(reason, LONGEST_REASON)),
  };
}

/** socket.io has no close codes: the exception that is sent before says it all. */
export function wireOfIo(socket: IoSocket): Wire {
  return {
    send: (event, data) => void socket.emit(event, data),
    close: () => void socket.disconnect(true),
  };
}

function within(text: string, bytes: number): string {
  const written = Buffer.from(text);
  if (written.length <= bytes) return text;
  return written
    .subarray(0, bytes)
    .toString()
    .replace(/\uFFFD+$/, '');
}
