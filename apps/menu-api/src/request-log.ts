import { randomUUID } from 'node:crypto';
import type { Middleware } from '@portcullis/http';
import type { Log } from '@portcullis/service';

/** One line a request. The query is left out: it is where clients put what they should not. */
export function logRequests(log: Log): Middleware {
  return (request: Parameters<Middleware>[0] & { id?: string }, response, next) => {
    const started = performance.now();
    const [path = ''] = (request.url ?? '').split('?', 1);
    request.id ??= randomUUID(); // Fastify has given one
    response.once('close', () => {
      log.info(
        {
          requestId: request.id,
          method: request.method,
          path: path.slice(0, 256),
          status: response.statusCode,
          milliseconds: Math.round(performance.now() - started),
        },
        'request',
      );
    });
    next();
  };
}
