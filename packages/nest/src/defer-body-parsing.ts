import type { INestApplication } from '@nestjs/common';

/** What Fastify's instance offers for bodies; Express has nothing to switch off once `bodyParser` is false. */
interface ContentTypeParsers {
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    contentType: string,
    parser: (request: unknown, payload: unknown, done: (error: null, body: undefined) => void) => void,
  ): void;
}

/**
 * Leaves request bodies unread until a JsonBodyInterceptor asks for them. Call it on an application
 * created with `bodyParser: false`, before `init` or `listen`.
 */
export function deferBodyParsing(app: INestApplication): void {
  const instance: unknown = app.getHttpAdapter().getInstance();
  if (!hasParsers(instance)) return;
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined));
}

function hasParsers(instance: unknown): instance is ContentTypeParsers {
  return (
    (typeof instance === 'object' || typeof instance === 'function') &&
    instance !== null &&
    'removeAllContentTypeParsers' in instance &&
    'addContentTypeParser' in instance
  );
}
