import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export const API = 'https://menu-api.example.com';

/** Auth0's Management API as far as it is asked, with its shapes (identity.md 1.4, 1.5) and when each request came. */
export class Auth0Endpoint {
  /** Names of this API's permissions by user; nobody else exists. */
  readonly users = new Map<string, readonly string[]>();
  readonly grants: object[] = [];
  /** Milliseconds. */
  readonly asked: number[] = [];
  /** The answer to the next requests, in place of the true one. */
  refusal: { readonly status: number; readonly headers?: Record<string, string> } | undefined;
  #url = '';

  async listen(): Promise<this> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '', this.#url);
      if (url.pathname === '/oauth/token')
        return json(response, { access_token: 'management', expires_in: 86_400 });
      this.asked.push(performance.now());
      if (this.refusal) return void response.writeHead(this.refusal.status, this.refusal.headers).end('{}');
      const user = /^\/api\/v2\/users\/([^/]+)\/permissions$/.exec(url.pathname)?.[1];
      if (user !== undefined) return this.#ofUser(decodeURIComponent(user), url.searchParams, response);
      json(response, this.grants);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return this;
  }

  get options() {
    return {
      managementApi: `${this.#url}api/v2/`,
      clientId: 'menu-api',
      clientSecret: 'a secret of the menu API',
      audience: API,
    };
  }

  #ofUser(id: string, query: URLSearchParams, response: ServerResponse): void {
    const held = this.users.get(id);
    if (held === undefined) return void response.writeHead(404).end('{}');
    const rows = [
      { permission_name: 'read:secrets', resource_server_identifier: 'https://another-api.example.com' },
      ...held.map((name) => ({ permission_name: name, resource_server_identifier: API })),
    ];
    const perPage = Number(query.get('per_page'));
    const start = Number(query.get('page')) * perPage;
    json(response, rows.slice(start, start + perPage));
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
