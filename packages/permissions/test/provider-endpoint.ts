import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface Touch {
  readonly number: number;
  readonly subject: string | null;
  readonly client: string | null;
}

interface Denial {
  readonly number: number;
  readonly by: string;
  readonly value: string;
  readonly issuedUntil: number | null;
  readonly expiresAt: number;
}

export const AUDIENCE = 'https://menu-api.example.com';
export const CLIENT = { clientId: 'menu-api', clientSecret: 'a secret of the menu API' };

/** An identity provider's side of the change feed, over real HTTP: a log, sets of permissions, and switches to spoil it. */
export class ProviderEndpoint {
  incarnation = 'first';
  number = 0;
  trimmedUpTo = 0;
  /** Seconds that tokens for the Management API live. */
  tokenLife = 600;
  /** Statuses with which paths answer instead, such as `{ 'changes/stream': 404 }`. */
  readonly refused = new Map<
    string,
    { readonly status: number; readonly headers?: Record<string, string> }
  >();
  /** For which tokens are asked; undefined: its own address. */
  managementAudience: string | undefined;
  /** Pages that are sent instead of what is true. */
  spoiled: unknown;
  readonly seen: { readonly path: string; readonly headers: IncomingMessage['headers'] }[] = [];
  #url = '';
  #touches: Touch[] = [];
  #denials: Denial[] = [];
  readonly #sets = new Map<string, readonly string[]>();
  readonly #streams = new Set<ServerResponse>();
  readonly #tokens = new Set<string>();
  #held: Promise<void> | undefined;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  /** @param atEnd is given what stops it. Default: stopped when the test ends */
  async listen(atEnd: (stop: () => void) => void = onTestFinished): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
    atEnd(() => {
      this.#server.close();
      this.#server.closeAllConnections();
    });
    return this;
  }

  get issuer(): string {
    return this.#url;
  }

  get options() {
    return {
      issuer: this.#url,
      audience: AUDIENCE,
      managementApi: `${this.#url}api/v2/`,
      ...CLIENT,
    };
  }

  count(path: string): number {
    return this.seen.filter((request) => request.path === path).length;
  }

  /** What somebody may do from now on; whoever follows is told. */
  set(subject: string, client: string, permissions: readonly string[]): number {
    this.#sets.set(`${subject} ${client}`, permissions);
    return this.touch({ subject });
  }

  touch({ subject = null, client = null }: { subject?: string | null; client?: string | null }): number {
    this.number += 1;
    this.#touches.push({ number: this.number, subject, client });
    this.#tell();
    return this.number;
  }

  deny(by: string, value: string): number {
    this.number += 1;
    const expiresAt = Date.now() / 1000 + 600;
    this.#denials.push({ number: this.number, by, value, issuedUntil: null, expiresAt });
    this.#tell();
    return this.number;
  }

  /** Touches up to now are told only as the floor of a snapshot. */
  trim(): void {
    this.trimmedUpTo = this.number;
    this.#touches = [];
  }

  /** A backup was restored: another log, which lacks what came after it. */
  restore(incarnation: string, number: number): void {
    this.incarnation = incarnation;
    this.number = number;
    this.#touches = this.#touches.filter((touch) => touch.number <= number);
    this.#denials = this.#denials.filter((denial) => denial.number <= number);
  }

  /** Answers about permissions, read when they were asked for, are sent only when this is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#held = promise;
    return () => {
      this.#held = undefined;
      resolve();
    };
  }

  /** Ends every connection, and refuses new ones until the function that it gives is called. */
  async cut(): Promise<() => Promise<void>> {
    const { port } = new URL(this.#url);
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    return async () => {
      this.#server.listen(Number(port), '127.0.0.1');
      await once(this.#server, 'listening');
    };
  }

  /** Every token for the Management API is worth nothing any more. */
  dropTokens(): void {
    this.#tokens.clear();
  }

  #tell(): void {
    for (const stream of this.#streams)
      stream.write(`event: changes\nid: ${this.incarnation}:${this.number}\ndata: {}\n\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.#url);
    const path = url.pathname.replace(/^\/(api\/v2\/)?/, '');
    this.seen.push({ path, headers: request.headers });
    const refused = this.refused.get(path);
    if (refused) return void response.writeHead(refused.status, refused.headers).end('{}');
    if (path === 'oauth/token') return this.#giveToken(request, response);
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!this.#tokens.has(token)) return void response.writeHead(401).end('{}');
    if (path === 'changes') return this.#page(url.searchParams, response);
    if (path === 'changes/stream') return this.#stream(response);
    if (path === 'effective-permissions') return this.#effective(url.searchParams, response);
    response.writeHead(404).end('{}');
  }

  async #giveToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const pair = Object.values(CLIENT).map((part) => new URLSearchParams({ '': part }).toString().slice(1));
    const known = request.headers.authorization === `Basic ${Buffer.from(pair.join(':')).toString('base64')}`;
    if (!known || form.get('audience') !== (this.managementAudience ?? `${this.#url}api/v2/`))
      return void response.writeHead(401).end('{}');
    const token = `token-${this.seen.length}`;
    this.#tokens.add(token);
    json(response, { access_token: token, expires_in: this.tokenLife, token_type: 'Bearer' });
  }

  #page(query: URLSearchParams, response: ServerResponse): void {
    if (this.spoiled !== undefined) return json(response, this.spoiled);
    const { incarnation, number, trimmedUpTo } = this;
    const head = { incarnation, number };
    const after = query.get('after');
    if (after === null) {
      const floor = Math.max(trimmedUpTo, this.#touches.at(-1)?.number ?? 0);
      return json(response, { ...head, snapshot: true, floor, touches: [], denials: this.#denials });
    }
    const from = Number(after);
    if (query.get('incarnation') !== incarnation || from < trimmedUpTo || from > number)
      return void response.writeHead(410).end('{}');
    const touches = this.#touches.filter((touch) => touch.number > from);
    const denials = this.#denials.filter((denial) => denial.number > from);
    json(response, { ...head, snapshot: false, touches, denials });
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(': here\n\n');
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
  }

  async #effective(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const { incarnation, number } = this;
    const permissions = this.#sets.get(`${query.get('subject')} ${query.get('client_id')}`) ?? [];
    await this.#held;
    json(response, { permissions, incarnation, number });
  }
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
