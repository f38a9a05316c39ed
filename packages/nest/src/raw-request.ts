import { IncomingMessage } from 'node:http';
import type { ArgumentsHost } from '@nestjs/common';

/** Node's own request: what Express passes as it is and Fastify keeps in `raw`. */
export function rawRequest(host: ArgumentsHost): IncomingMessage {
  const request: unknown = host.switchToHttp().getRequest();
  if (request instanceof IncomingMessage) return request;
  if (
    typeof request === 'object' &&
    request !== null &&
    'raw' in request &&
    request.raw instanceof IncomingMessage
  ) {
    return request.raw;
  }
  throw new TypeError('this is neither an Express nor a Fastify request');
}
