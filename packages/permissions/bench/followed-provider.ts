import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The provider's side of a change feed that nothing happens in, and what it answers about everybody. */
export async function followedProvider(permissions: readonly string[]) {
  const at = { incarnation: 'bench', number: 1 };
  const answers: Readonly<Record<string, object>> = {
    '/oauth/token': { access_token: 'bench', expires_in: 600 },
    '/api/v2/changes': { ...at, snapshot: false, touches: [], denials: [] },
    '/api/v2/effective-permissions': { ...at, permissions },
  };
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://localhost');
    if (pathname === '/api/v2/changes/stream')
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
    const first = pathname === '/api/v2/changes' && search === '';
    const answer = first ? { ...answers[pathname], snapshot: true, floor: 1 } : answers[pathname];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    position: `${at.incarnation}:${at.number}`,
    managementApi: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
