import { TcpContext } from '@nestjs/microservices';
import type { RequestHead } from '@portcullis/http';

/**
 * The credential of a message as the head of a request: `authorization` of the packet's metadata. There is no proof, no
 * method and no certificate in it, so no bound token passes.
 *
 * @param message what Nest hands a handler beside the data
 * @returns undefined when `authorization` is there and is no text
 */
export function messageHead(message: unknown): RequestHead | undefined {
  const authorization = metadataOf(message, 'authorization');
  if (authorization === undefined) return { rawHeaders: [], socket: from(message) };
  if (typeof authorization !== 'string') return undefined;
  return { rawHeaders: ['authorization', authorization], socket: from(message) };
}

/** It came over the wire as it pleased. */
function metadataOf(message: unknown, name: string): unknown {
  const metadata: unknown = message instanceof TcpContext ? message.getMetadata() : undefined;
  if (typeof metadata !== 'object' || metadata === null || !Object.hasOwn(metadata, name)) return undefined;
  return Reflect.get(metadata, name);
}

function from(message: unknown): NonNullable<RequestHead['socket']> {
  return message instanceof TcpContext
    ? { remoteAddress: message.getSocketRef().netSocket.remoteAddress }
    : { remoteAddress: undefined };
}
