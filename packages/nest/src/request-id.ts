import type { ExecutionContext } from '@nestjs/common';

/** The id that the framework gave the request: Fastify gives each one, Express none. */
export function requestId(context: ExecutionContext): string | undefined {
  const request: unknown = context.switchToHttp().getRequest();
  return typeof request === 'object' && request !== null && 'id' in request && typeof request.id === 'string'
    ? request.id
    : undefined;
}
