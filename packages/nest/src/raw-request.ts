import type { IncomingMessage } from 'node:http';
import type { ArgumentsHost } from '@nestjs/common';

/** Node's own request: what Express passes as it is and Fastify keeps in `raw`. */
export function rawRequest(host: ArgumentsHost): IncomingMessage {
  return nodeRequest(frameworkRequest(host));
}

/** What `switchToHttp().getRequest()` gives, without the functions that Nest makes for it each time. */
export function frameworkRequest(host: ArgumentsHost): unknown {
  return host.getArgByIndex<unknown>(0);
}

/** The same, of a request that the framework hands over itself. */
export function nodeRequest(request: unknown): IncomingMessage {
  if (isRequest(request)) return request;
  if (typeof request === 'object' && request !== null && 'raw' in request && isRequest(request.raw))
    return request.raw;
  throw new TypeError('this is neither an Express nor a Fastify request');
}

/** Not by class: the requests of `app.inject()` are made by hand. */
function isRequest(request: unknown): request is IncomingMessage {
  return (
    typeof request === 'object' &&
    request !== null &&
    'rawHeaders' in request &&
    Array.isArray(request.rawHeaders)
  );
}
