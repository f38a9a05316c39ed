import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { json } from 'node:stream/consumers';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import type { AccessEvent } from '@portcullis/nest';
import { signInAs } from '@portcullis/nest/testing';
import { createDenyList } from '@portcullis/tokens';
import { createDpopClient, createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { revocations } from '../revocations.ts';
import { ADAPTERS, start, type Parts } from './graphql-app.ts';
import { serve, serveSoon } from './kitchen.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

interface Closed {
  readonly code: number;
  readonly reason: string;
}

/** A client of graphql-ws over a real socket, and how its connection ended. */
function connect(url: string, connectionParams?: Record<string, unknown>, headers = {}) {
  const { promise: closed, resolve } = Promise.withResolvers<Closed>();
  class Socket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, { headers });
    }
  }
  const client = createClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: Socket,
    retryAttempts: 0,
    lazy: false,
    ...(connectionParams ? { connectionParams } : {}),
    onNonLazyError: () => undefined,
    on: { closed: (event) => resolve(event as Closed) },
  });
  onTestFinished(() => client.dispose());
  const results = (query: string) => client.iterate({ query });
  return { closed, results };
}

const bearer = async (claims: Record<string, unknown> = {}) => ({
  ...(await signInAs(issuer, { sub: 'user|1', ...claims })),
});

const started = async (parts: Omit<Parts, 'issuer'>): Promise<string> => {
  const { url } = await start({
    issuer,
    ...parts,
    graphql: { subscriptions: { 'graphql-ws': true }, ...parts.graphql },
  });
  return url;
};

/** A connection as it is before its first message. */
function upgraded(url: string, headers: Record<string, string> = {}): WebSocket {
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers });
  onTestFinished(() => void (socket.readyState === WebSocket.OPEN && socket.terminate()));
  return socket;
}

/** How the server answers what it does not make a connection of. */
async function notUpgraded(socket: WebSocket): Promise<IncomingMessage> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  return response;
}

describe.each(ADAPTERS)('a request for a connection, on %s', (adapter) => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1', 'file://'])(
    'is refused before it is one, for the origin %s',
    async (origin) => {
      const events: AccessEvent[] = [];
      const accessObserver = { decided: (event: AccessEvent) => void events.push(event) };
      const url = await started({ adapter, options: { accessObserver } });
      const answer = await notUpgraded(upgraded(url, { origin }));
      expect(answer.statusCode).toBe(403);
      expect(await json(answer)).toMatchObject({ status: 403, code: 'ERR_ORIGIN' });
      expect(events).toMatchObject([{ context: 'graphql', caller: undefined, refusal: { status: 403 } }]);
    },
  );

  it('takes pages of its own origin, and of those that were named', async () => {
    const url = await started({ adapter, guarded: { origins: ['https://dashboard.example'] } });
    for (const origin of [new URL(url).origin, 'https://dashboard.example']) {
      const { results } = connect(url, await bearer(), { origin });
      expect((await results('{ me }').next()).value).toEqual({ data: { me: 'user|1' } });
    }
  });

  it.each(['/', '/graph', '/graphqx', '/elsewhere', '/graphq%6c'])(
    'is answered, and its connection closed, where nobody is to take it: %s',
    async (path) => {
      const url = await started({ adapter });
      const answer = await notUpgraded(upgraded(new URL(path, url).href));
      expect(answer.statusCode).toBe(404);
      expect(await once(answer.socket, 'close', { signal: AbortSignal.timeout(2000) })).toBeDefined();
    },
  );

  it('is left to whoever else takes upgrades', async () => {
    const { app, url } = await start({ issuer, adapter, graphql: { subscriptions: { 'graphql-ws': true } } });
    const other = new WebSocketServer({ noServer: true });
    app.getHttpServer().on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (request.url === '/other')
        setTimeout(() => other.handleUpgrade(request, socket, head, () => undefined), 50);
    });
    expect(await once(upgraded(new URL('/other', url).href), 'open')).toEqual([]);
  });

  it.each<[string, ApolloDriverConfig]>([
    ['are switched off', { subscriptions: { 'graphql-ws': false } }],
    ['have no protocol', { subscriptions: {}, installSubscriptionHandlers: true }],
    ['are never spoken of', {}],
  ])('leads to none where subscriptions %s', async (_case, graphql) => {
    const { url } = await start({ issuer, adapter, graphql });
    expect((await notUpgraded(upgraded(url))).statusCode).toBeGreaterThanOrEqual(400);
  });
});

describe.each(ADAPTERS)('a message of a connection, on %s', (adapter) => {
  const init = (bytes: number): string => {
    const empty = JSON.stringify({ type: 'connection_init', payload: { padding: '' } });
    return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
  };

  it('is bounded from the first one on', async () => {
    const url = await started({ adapter });
    const socket = upgraded(url);
    await once(socket, 'open');
    socket.send(init(1_048_577));
    expect((await once(socket, 'close'))[0]).toBe(1009);
  });

  it('may be as long as it was told to', async () => {
    const url = await started({ adapter, guarded: { maxPayload: 2_000_000 } });
    const socket = upgraded(url);
    await once(socket, 'open');
    socket.send(init(2_000_000));
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toEqual({ type: 'connection_ack' });
    socket.send(init(2_000_001));
    expect((await once(socket, 'close'))[0]).toBe(1009);
  });
});

describe.each(ADAPTERS)('a connection for subscriptions, on %s', (adapter) => {
  it('carries its credential in the first message, and its operations are decided like others', async () => {
    const url = await started({ adapter });
    const { results } = connect(url, await bearer({ permissions: ['read:secrets'] }));
    expect((await results('{ me secret visitor dishes { name cost } }').next()).value).toMatchObject({
      data: { me: 'user|1', secret: 'mole', visitor: null, dishes: [{ name: 'Soup', cost: null }] },
      errors: [{ extensions: { code: 'FORBIDDEN', problem: { missingPermissions: ['read:costs'] } } }],
    });
  });

  it.each([
    ['garbage', () => ({ authorization: 'Bearer garbage' }), {}, 4401, 'ERR_TOKEN_MALFORMED'],
    ['an expired token', () => bearer({ exp: 1 }), {}, 4401, 'ERR_TOKEN_EXPIRED'],
    ['two credentials', () => bearer(), { authorization: 'Bearer other' }, 4400, 'ERR_CREDENTIAL_REQUEST'],
  ])('is closed for %s, with a reason', async (_case, parameters, headers, code, reason) => {
    const url = await started({ adapter });
    const { closed } = connect(url, await parameters(), headers);
    expect(await closed).toMatchObject({ code, reason });
  });

  it.each(['upgrade', 'first message'])(
    'takes no token that is bound to a key, with a proof in the %s',
    async (place) => {
      const publicUrl = 'https://menu.example';
      const used = new Set<string>();
      const replayStore = { remember: (key: string) => used.size < used.add(key).size };
      const url = await started({ adapter, options: { dpop: { publicUrl, replayStore } } });
      const client = await createDpopClient();
      const token = await issuer.accessToken({ cnf: { jkt: client.jkt } });
      const dpop = client.proof({ method: 'GET', url: `${publicUrl}/graphql`, token });
      const proof = { dpop };
      const { closed } = connect(
        url,
        { authorization: `DPoP ${token}`, ...(place === 'upgrade' ? {} : proof) },
        place === 'upgrade' ? proof : {},
      );
      expect((await closed).code).toBe(4401);
    },
  );

  it.each([[{ toString: 1, valueOf: 1 }], [['Bearer garbage']], [null], [7]])(
    'is closed for a credential that is no text: %j',
    async (authorization) => {
      const { closed } = connect(await started({ adapter }), { authorization });
      expect(await closed).toMatchObject({ code: 4400, reason: 'ERR_CREDENTIAL_REQUEST' });
    },
  );

  it('looks at no parameter but its credential', async () => {
    const url = await started({ adapter });
    const { results } = connect(url, { ...(await bearer()), client: { toString: 1, valueOf: 1 } });
    expect((await results('{ me }').next()).value).toEqual({ data: { me: 'user|1' } });
  });

  it('may be anonymous: each subscription decides', async () => {
    const url = await started({ adapter });
    const { results } = connect(url);
    expect((await results('subscription { dishServed { name } }').next()).value).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED', problem: { code: 'ERR_NO_CREDENTIAL' } } }],
    });
    const open = results('subscription { anyDish { name cost } }');
    void serveSoon('Pie');
    expect((await open.next()).value).toMatchObject({
      data: { anyDish: { name: 'Pie', cost: null } },
      errors: [{ path: ['anyDish', 'cost'], extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it('tells whoever may know, and each field of an event is decided', async () => {
    const url = await started({ adapter });
    const { results } = connect(url, await bearer({ permissions: ['read:dishes', 'read:costs'] }));
    const dishes = results('subscription { dishServed { name cost chef { salary } } }');
    void serveSoon('Pie');
    expect((await dishes.next()).value).toMatchObject({
      data: { dishServed: { name: 'Pie', cost: 7, chef: { salary: null } } },
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('refuses a subscription whose permission is missing', async () => {
    const url = await started({ adapter });
    const { results } = connect(url, await bearer());
    const dishes = results('subscription { dishServed { name } }');
    expect((await dishes.next()).value).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN', problem: { missingPermissions: ['read:dishes'] } } }],
    });
    expect((await dishes.next()).done).toBe(true);
  });

  it('ends when its token expires', async () => {
    const url = await started({ adapter });
    const exp = Math.floor(Date.now() / 1000) + 2;
    const { closed } = connect(url, await bearer({ exp }));
    expect(await closed).toMatchObject({ code: 4401, reason: 'ERR_TOKEN_EXPIRED' });
    expect(Date.now() / 1000).toBeGreaterThanOrEqual(exp - 0.1);
  });

  it('ends as soon as its token is denied, without an event', async () => {
    const source = revocations();
    const denyList = createDenyList({ source });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    const url = await started({ adapter, options: { denyList } });
    const { closed, results } = connect(url, await bearer({ jti: 'one', permissions: ['read:dishes'] }));
    const dishes = results('subscription { dishServed { name } }');
    void serveSoon('Pie');
    expect((await dishes.next()).value).toEqual({ data: { dishServed: { name: 'Pie' } } });
    source.deny({ issuer: issuer.issuer, by: 'token', value: 'one', expiresAt: Date.now() / 1000 + 600 });
    await expect(dishes.next()).rejects.toMatchObject({ code: 4401 });
    expect(await closed).toMatchObject({ code: 4401, reason: 'ERR_TOKEN_REVOKED' });
  });

  it('goes on when a permission was withdrawn, but not that subscription', async () => {
    const held = { permissions: ['read:dishes'] };
    const url = await started({
      adapter,
      options: {
        permissions: {
          permissionsOf: () => ({
            names: new Set(held.permissions),
            sources: new Map(),
            withheld: new Set(),
          }),
        },
      },
    });
    const { results } = connect(url, await bearer());
    const dishes = results('subscription { dishServed { name } }');
    void serveSoon('Pie');
    expect((await dishes.next()).value).toEqual({ data: { dishServed: { name: 'Pie' } } });
    held.permissions = [];
    serve('Secret pie');
    expect((await dishes.next()).value).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN', problem: { missingPermissions: ['read:dishes'] } } }],
    });
    expect((await dishes.next()).done).toBe(true);
    expect((await results('{ me }').next()).value).toEqual({ data: { me: 'user|1' } });
  });

  it('ends a subscription whose permission was withdrawn without waiting for an event, and no other', async () => {
    const withdrawn = new Set<string>();
    const changed = new Set<(who?: { issuer: string; subject: string }) => void>();
    const url = await started({
      adapter,
      options: {
        permissions: {
          permissionsOf: ({ subject, claimedPermissions = new Set() }) => ({
            names: withdrawn.has(subject) ? new Set() : claimedPermissions,
            sources: new Map(),
            withheld: new Set(),
          }),
        },
      },
      guarded: {
        news: {
          onNews: (listener) => {
            changed.add(listener);
            return () => void changed.delete(listener);
          },
        },
      },
    });
    const subscribed = async (sub: string) => {
      const { results } = connect(url, await bearer({ sub, permissions: ['read:dishes'] }));
      const dishes = results('subscription { dishServed { name } }');
      void serveSoon('Pie');
      expect((await dishes.next()).value).toEqual({ data: { dishServed: { name: 'Pie' } } });
      return { dishes, results };
    };
    const one = await subscribed('user|1');
    const other = await subscribed('user|2');
    await one.dishes.next(); // the other's dish was told to both
    withdrawn.add('user|1');
    for (const listener of changed) {
      listener({ issuer: issuer.issuer, subject: 'user|2' });
      listener({ issuer: issuer.issuer, subject: 'user|1' });
    }
    expect((await one.dishes.next()).value).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN', problem: { missingPermissions: ['read:dishes'] } } }],
    });
    expect((await one.dishes.next()).done).toBe(true);
    expect((await one.results('{ me }').next()).value).toEqual({ data: { me: 'user|1' } });
    serve('Tart');
    expect((await other.dishes.next()).value).toEqual({ data: { dishServed: { name: 'Tart' } } });
  });

  it('keeps its caller, whatever context the application shares among connections', async () => {
    const shared = { req: { of: 'the application' } };
    const url = await started({ adapter, graphql: { context: () => shared } });
    const dishes = connect(url, await bearer({ permissions: ['read:dishes', 'read:costs'] })).results(
      'subscription { dishServed { name cost } }',
    );
    const told = dishes.next();
    await serveSoon('Pie');
    expect((await told).value).toEqual({ data: { dishServed: { name: 'Pie', cost: 7 } } });
    expect((await connect(url).results('{ visitor me }').next()).value.data).toEqual({
      visitor: null,
      me: null,
    });
    serve('Tart');
    expect((await dishes.next()).value).toEqual({ data: { dishServed: { name: 'Tart', cost: 7 } } });
  });

  it('answers nothing before its first message, and waits for it no longer than it was told to', async () => {
    const url = await started({
      adapter,
      graphql: { subscriptions: { 'graphql-ws': { connectionInitWaitTimeout: 100 } } },
    });
    const hasty = upgraded(url);
    hasty.once('open', () =>
      hasty.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: '{ dishes { name } }' } })),
    );
    expect((await once(hasty, 'close'))[0]).toBe(4401);
    expect((await once(upgraded(url), 'close'))[0]).toBe(4408);
  });

  it('asks the application’s own hooks and context as well', async () => {
    const seen: string[] = [];
    const url = await started({
      adapter,
      graphql: {
        installSubscriptionHandlers: true,
        context: () => ({ own: true }),
        subscriptions: {
          'graphql-ws': {
            onConnect: ({ connectionParams }) => {
              seen.push('connect');
              return connectionParams?.['leave'] !== true;
            },
            onNext: () => void seen.push('next'),
          },
        },
      },
    });
    const { results } = connect(url, await bearer());
    expect((await results('{ me }').next()).value).toEqual({ data: { me: 'user|1' } });
    expect(seen).toEqual(['connect', 'next']);
    const { closed } = connect(url, { ...(await bearer()), leave: true });
    expect((await closed).code).toBe(4403);
  });
});
