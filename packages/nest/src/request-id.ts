import type { ExecutionContext } from '@nestjs/common';
import { frameworkRequest } from './raw-request.ts';

/** The id that the framework gave the request: Fastify gives each one, Express none. */
export function requestId(context: ExecutionContext): string | undefined {
  const request = frameworkRequest(context);
  return typeof request === 'object' && request !== null && 'id' in request && typeof request.id === 'string'
    ? request.id
    : undefined;
}
