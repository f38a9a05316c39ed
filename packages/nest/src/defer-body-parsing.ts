import type { INestApplication } from '@nestjs/common';

/** What Fastify's instance offers for bodies; Express has nothing to switch off once `bodyParser` is false. */
interface ContentTypeParsers {
  addHook(
    name: 'onRequest',
    hook: (
      request: { method: string; headers: Readonly<Record<string, string | string[] | undefined>> },
      reply: unknown,
      done: () => void,
    ) => void,
  ): void;
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
  // Fastify answers 415 to a media type it cannot read, ahead of every guard. JsonBodyInterceptor looks
  // at the header as it was sent.
  instance.addHook('onRequest', (request, _reply, done) => {
    // Asking for the headers has them built, which nobody else may want of a request without a body.
    if (request.method !== 'GET' && !MEDIA_TYPE.test(String(request.headers['content-type'] ?? 'none/given')))
      request.headers = { 'content-type': 'application/octet-stream' };
    done();
  });
}

const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(;|$)/;

function hasParsers(instance: unknown): instance is ContentTypeParsers {
  return (
    (typeof instance === 'object' || typeof instance === 'function') &&
    instance !== null &&
    'removeAllContentTypeParsers' in instance &&
    'addContentTypeParser' in instance &&
    'addHook' in instance
  );
}
