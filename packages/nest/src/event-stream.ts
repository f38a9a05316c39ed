import { SSE_METADATA } from '@nestjs/common/constants.js';

/** Whether a handler answers with server-sent events, under @Sse(). */
export function isEventStream(handler: object): boolean {
  return Reflect.getMetadata(SSE_METADATA, handler) === true;
}
