import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';

/** What is answered when nothing is at fault. */
export interface Answer {
  readonly status: number;
  /** Text is sent as it is, anything else as JSON. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A fault to answer with. Whatever is left out is as it would have been. */
export interface Fault extends Partial<Answer> {
  /** Milliseconds before the answer starts. */
  readonly delay?: number;
}

/** A fault, or full control over the answer. */
export type Responder = Fault | ((request: IncomingMessage, response: ServerResponse) => void);

export async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answering: () => Answer | Promise<Answer>,
  responder: Responder | undefined,
): Promise<void> {
  if (typeof responder === 'function') return responder(request, response);
  const answer = await answering();
  const { status, body, delay = 0 } = { ...answer, ...responder };
  if (delay > 0) await after(delay, undefined, { ref: false });
  if (response.destroyed) return;
  const headers = { 'content-type': 'application/json', ...answer.headers, ...responder?.headers };
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
