import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Log } from '@portcullis/service';

/** One line a request. The query is left out: it is where clients put what they should not. */
export function logRequests(app: NestFastifyApplication, log: Log): void {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onResponse', (request, reply, done) => {
      const [path = ''] = request.url.split('?', 1);
      log.info(
        {
          requestId: request.id,
          method: request.method,
          path: path.slice(0, 256),
          status: reply.statusCode,
          milliseconds: Math.round(reply.elapsedTime),
        },
        'request',
      );
      done();
    });
}
