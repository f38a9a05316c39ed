import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { isReadable, refuseAddress } from './unreadable-address.ts';

export type HttpAdapterName = 'fastify' | 'express';

/** Either framework, told to read addresses alike: exactly. */
export function createHttpAdapter(name: HttpAdapterName): AbstractHttpAdapter {
  return name === 'express' ? expressAdapter() : fastifyAdapter();
}

/** Its router refuses an address that it cannot read before any hook or filter runs. */
function fastifyAdapter(): FastifyAdapter {
  return new FastifyAdapter({
    forceCloseConnections: 'idle',
    frameworkErrors: (_error: FastifyError, { raw: request }: FastifyRequest, reply: FastifyReply) => {
      reply.hijack();
      refuseAddress(request, reply.raw);
    },
  });
}

function expressAdapter(): ExpressAdapter {
  const adapter = new ExpressAdapter();
  adapter.set('case sensitive routing', true);
  adapter.set('strict routing', true);
  adapter.set('query parser', 'simple');
  adapter.disable('etag'); // handlers set strong ones
  adapter.disable('x-powered-by');
  adapter.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (isReadable(request.url)) next();
    else refuseAddress(request, response);
  });
  return adapter;
}
