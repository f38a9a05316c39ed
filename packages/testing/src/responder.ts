import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

/** A fault to answer with. Whatever is left out is as it would have been. */
export interface Fault {
  readonly status?: number;
  /** Milliseconds before the answer starts. */
  readonly delay?: number;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fault, or full control over the answer. */
export type Responder = Fault | ((request: IncomingMessage, response: ServerResponse) => void);

export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  document: unknown,
  responder: Responder | undefined,
): Promise<void> {
  if (typeof responder === 'function') return responder(request, response);
  const { status = 200, delay = 0, body = document, headers = {} } = responder ?? {};
  if (delay > 0) await after(delay, undefined, { ref: false });
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
