import { once } from 'node:events';
import { request as send, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** A request as it goes over the wire: header fields may come twice. */
export interface Sent {
  readonly method?: string;
  readonly target: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  /** Bytes of a body that is announced and never sent. */
  readonly withheld?: number;
}

/** All of an answer that a client can tell doors apart by. */
export interface Answer {
  readonly status: number;
  readonly 'www-authenticate'?: string;
  readonly 'dpop-nonce'?: string;
  readonly 'cache-control'?: string;
  readonly 'retry-after'?: string;
  readonly 'content-type'?: string;
  readonly body: unknown;
}

const TOLD = ['www-authenticate', 'dpop-nonce', 'cache-control', 'retry-after', 'content-type'] as const;

/** One request on a connection of its own. */
export async function exchange(
  url: string,
  { method = 'GET', target, fields = [], body, withheld }: Sent,
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const length = withheld ?? (body === undefined ? undefined : Buffer.byteLength(body));
  const announced =
    length === undefined ? [] : ['content-type', 'application/json', 'content-length', String(length)];
  const headers = ['host', `${hostname}:${port}`, 'connection', 'close', ...announced, ...fields.flat()];
  const request = send({ hostname, port, method, path: target, headers });
  if (withheld === undefined) request.end(body);
  else request.flushHeaders();
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('there was no answer');
  const content = await text(response);
  request.destroy();
  return {
    status: response.statusCode ?? 0,
    ...Object.fromEntries(
      TOLD.flatMap((name) => (response.headers[name] === undefined ? [] : [[name, response.headers[name]]])),
    ),
    body:
      response.headers['content-type']?.includes('json') && content !== '' ? JSON.parse(content) : content,
  };
}
