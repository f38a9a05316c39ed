import type { IncomingMessage } from 'node:http';
import { PROBLEM_MEDIA_TYPE, type Refusal } from '@portcullis/http';
import { readBody, type Entrance } from './entrance.ts';

interface Request {
  readonly raw: IncomingMessage;
  readonly id: string;
  body?: unknown;
}

interface Reply {
  code(status: number): this;
  headers(headers: Readonly<Record<string, string>>): this;
  send(body: string): this;
}

type Hook = (request: Request, reply: Reply, done: (error?: Error) => void) => void;

interface Route {
  readonly url: string;
  onRequest?: Hook | Hook[];
  preHandler?: Hook | Hook[];
}

/** What of a Fastify instance is used here. */
export interface FastifyApplication {
  addHook(name: 'onRoute', hook: (route: Route) => void): unknown;
}

/** Hooks of the very route that Apollo's driver is about to register: whatever reaches that passes these. */
export function openOnFastify(app: FastifyApplication, entrance: Entrance): void {
  app.addHook('onRoute', (route) => {
    if (route.url !== entrance.path) return;
    route.onRequest = [...[route.onRequest ?? []].flat(), enter(entrance)];
    route.preHandler = [readsBody, ...[route.preHandler ?? []].flat()];
  });
}

function enter(entrance: Entrance): Hook {
  return (request, reply, done) => {
    const refusal = entrance.enter(request.raw, request.id);
    if (refusal instanceof Promise) refusal.then((known) => answer(known, reply, done), done);
    else answer(refusal, reply, done);
  };
}

const readsBody: Hook = (request, reply, done) => {
  readBody(request, request.raw).then((refusal) => answer(refusal, reply, done), done);
};

function answer(refusal: Refusal | undefined, reply: Reply, done: () => void): void {
  if (refusal === undefined) return done();
  reply
    .code(refusal.status)
    .headers({ ...refusal.headers, 'content-type': PROBLEM_MEDIA_TYPE })
    .send(JSON.stringify(refusal.problem));
}
