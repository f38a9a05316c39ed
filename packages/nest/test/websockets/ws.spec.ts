import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { CurrentCaller, Public, type Caller } from '@portcullis/nest';
import type { CallerNews } from '@portcullis/nest/websockets';
import { createDenyList, type Revocation, type RevocationSource } from '@portcullis/tokens';
import { createDpopClient, createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Client, refusedUpgrade, start, type GatewayApp, type Parts } from './gateway-app.ts';
import { KitchenGateway } from './kitchen.gateway.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const started = (parts: Partial<Parts> = {}) => start({ issuer, gateways: [KitchenGateway], ...parts });

const seconds = (): number => Math.floor(Date.now() / 1000);

const holding = (...permissions: string[]) => ({ scope: permissions.join(' '), permissions });

async function bearer(claims: Record<string, unknown> = {}): Promise<{ headers: { authorization: string } }> {
  return { headers: { authorization: `Bearer ${await issuer.accessToken(claims)}` } };
}

/** Connected as a browser would be: the token in the first message. */
async function signedIn(host: string, claims: Record<string, unknown> = {}): Promise<Client> {
  const client = await new Client(host).open();
  const { event } = await client.ask('authenticate', { token: await issuer.accessToken(claims) });
  expect(event).toBe('authenticated');
  return client;
}

describe('an upgrade', () => {
  it('with a good token makes a connection that is somebody', async () => {
    const { host } = await started();
    const client = await new Client(host, await bearer({ sub: 'user|7' })).open();
    expect(await client.ask('mine')).toEqual({ event: 'mine', data: 'user|7' });
  });

  it('with a bad token is refused as a request is: status, challenge, problem', async () => {
    const { host } = await started();
    const expired = await bearer({ exp: seconds() - 60 });
    expect(await refusedUpgrade(host, expired)).toEqual({
      status: 401,
      challenge: expect.stringContaining('error="invalid_token"'),
      problem: expect.objectContaining({ status: 401, code: 'ERR_TOKEN_EXPIRED' }),
    });
    expect(await refusedUpgrade(host, { headers: { authorization: 'Bearer' } })).toMatchObject({
      status: 400,
    });
  });

  it('that fails by a mistake of the application is refused as a request is, and logged', async () => {
    const logged: unknown[] = [];
    const { host } = await started({
      options: { permissions: { permissionsOf: () => Promise.reject(new Error('no table "roles"')) } },
      logger: { log() {}, warn() {}, error: (message: unknown) => void logged.push(message) },
    });
    expect(await refusedUpgrade(host, await bearer())).toMatchObject({
      status: 500,
      problem: { status: 500, detail: 'something went wrong on our side; it has been logged' },
    });
    expect(logged.map(String).join()).toContain('no table "roles"');
  });

  it('of a page is refused unless its origin is listed', async () => {
    const { host } = await started({ sockets: { origins: ['https://menu.example'] } });
    const good = await bearer();
    for (const origin of ['https://evil.example', 'http://menu.example', 'https://menu.example:8443', 'null'])
      expect(await refusedUpgrade(host, { ...good, origin })).toMatchObject({
        status: 403,
        problem: { code: 'ERR_ORIGIN' },
      });
    await new Client(host, { ...good, origin: 'https://menu.example' }).open();
  });

  it('of a page is refused when no origin is listed', async () => {
    const { host } = await started();
    expect(await refusedUpgrade(host, { origin: `http://${host}` })).toMatchObject({ status: 403 });
  });

  it('takes a token that is bound with its proof, once', async () => {
    const used = new Set<string>();
    const dpop = {
      publicUrl: 'http://127.0.0.1:7000',
      replayStore: { remember: (key: string) => used.size < used.add(key).size },
    };
    const { host } = await started({ options: { dpop } });
    const prover = await createDpopClient();
    const token = await issuer.accessToken({ sub: 'user|8', cnf: { jkt: prover.jkt } });
    const proof = prover.proof({ method: 'GET', url: 'http://127.0.0.1:7000/', token });
    const headers = { authorization: `DPoP ${token}`, dpop: proof };
    const client = await new Client(host, { headers }).open();
    expect(await client.ask('mine')).toEqual({ event: 'mine', data: 'user|8' });
    expect(await client.ask('mine')).toEqual({ event: 'mine', data: 'user|8' });
    expect(await refusedUpgrade(host, { headers })).toMatchObject({ status: 401 });
    expect(await refusedUpgrade(host, { headers: { authorization: `Bearer ${token}` } })).toMatchObject({
      status: 401,
    });
    const other = await new Client(host).open();
    other.send('authenticate', { token });
    expect(await other.closed).toMatch(/^4401 /);
  });
});

describe('a first message', () => {
  it('says who a connection is, and what follows it at once is not lost', async () => {
    const { host } = await started();
    const client = await new Client(host).open();
    const exp = seconds() + 500;
    client.send('authenticate', { token: await issuer.accessToken({ sub: 'user|7', exp }) });
    client.send('mine');
    client.send('menu');
    expect(await client.next()).toEqual({ event: 'authenticated', data: { expiresAt: exp } });
    const answers = [await client.next(), await client.next()];
    expect(answers).toEqual(
      expect.arrayContaining([
        { event: 'mine', data: 'user|7' },
        { event: 'menu', data: ['soup'] },
      ]),
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['a token that is none', { event: 'authenticate', data: { token: 'a.b.c' } }, /^4401 /],
    ['a token that is no text', { event: 'authenticate', data: { token: 7 } }, /^4400 /],
    ['nothing', { event: 'authenticate' }, /^4400 /],
    ['another event', { event: 'menu' }, /^4401 the first message is the credential/],
    ['no event', [1, 2, 3], /^4401 the first message is the credential/],
  ])('of %s closes it, and says why', async (_case, message, closed) => {
    const { host } = await started();
    const client = await new Client(host).open();
    client.socket.send(JSON.stringify(message));
    expect(await client.closed).toMatch(closed);
    expect(client.heard).toMatchObject([{ event: 'exception', data: { type: 'about:blank' } }]);
  });

  it('is waited for no longer than the time limit', async () => {
    const { host } = await started({ sockets: { authenticationTimeout: 1 } });
    const client = await new Client(host).open();
    expect(await client.closed).toMatch(/^4401 no credential came in time/);
  });

  it('holds back no more than a few that follow it', async () => {
    const ready = Promise.withResolvers<never>();
    const { host } = await started({ options: { permissions: { permissionsOf: () => ready.promise } } });
    const client = await new Client(host).open();
    client.send('authenticate', { token: await issuer.accessToken() });
    for (let sent = 0; sent < 17; sent++) client.send('menu');
    expect(await client.closed).toMatch(/^4401 too many messages/);
    const verbose = await new Client(host).open();
    verbose.send('authenticate', { token: await issuer.accessToken() });
    for (let sent = 0; sent < 2; sent++) verbose.send('menu', 'x'.repeat(600_000));
    expect(await verbose.closed).toMatch(/^4401 too many messages/);
  });

  it('is no longer than a megabyte, and no binary', async () => {
    const { host } = await started();
    const long = await new Client(host).open();
    long.socket.send('x'.repeat(2_000_000));
    expect(await long.closed).toMatch(/^1009 /);
    const binary = await new Client(host).open();
    const token = await issuer.accessToken();
    binary.socket.send(Buffer.from(JSON.stringify({ event: 'authenticate', data: { token } })));
    expect(await binary.closed).toMatch(/^4401 /);
  });

  it('must have been before a gateway meets it, or a broadcast reaches it', async () => {
    const gateways: KitchenGateway[] = [];
    @WebSocketGateway()
    class WatchedGateway extends KitchenGateway {
      afterInit(): void {
        gateways.push(this);
      }
    }
    const { host } = await started({ gateways: [WatchedGateway] });
    const stranger = await new Client(host).open();
    const client = await signedIn(host);
    for (const one of gateways[0]?.server.clients ?? []) one.send('{"event":"news","data":1}');
    expect(await client.next()).toEqual({ event: 'news', data: 1 });
    expect(gateways[0]?.met).toBe(1);
    expect(stranger.heard).toEqual([]);
  });
});

describe('a message', () => {
  it('is decided by the rule of its handler, with the problem that HTTP would send', async () => {
    const { host, events } = await started();
    const client = await signedIn(host, { sub: 'user|7', ...holding('cook:items') });
    expect(await client.ask('cook', 'soup')).toEqual({ event: 'cooked', data: 'soup' });
    expect(await client.ask('orders')).toMatchObject({
      event: 'exception',
      data: { status: 403, code: 'ERR_INSUFFICIENT_PERMISSIONS', missingPermissions: ['read:orders'] },
    });
    expect(events).toMatchObject([
      { context: 'ws', handler: 'KitchenGateway.cook', caller: { subject: 'user|7' }, refusal: undefined },
      { context: 'ws', handler: 'KitchenGateway.orders', refusal: { status: 403 } },
    ]);
  });

  it('of nobody reaches what is @Public alone, where connections may be anonymous', async () => {
    const { host } = await started({ sockets: { anonymous: true, authenticationTimeout: 1 } });
    const client = await new Client(host).open();
    expect(await client.ask('menu')).toEqual({ event: 'menu', data: ['soup'] });
    expect(await client.ask('mine')).toMatchObject({ data: { status: 401, code: 'ERR_NO_CREDENTIAL' } });
    await client.ask('authenticate', { token: await issuer.accessToken({ sub: 'user|7' }) });
    expect(await client.ask('mine')).toEqual({ event: 'mine', data: 'user|7' });
  });

  it('that is @Public is not told who is calling, whatever came before it', async () => {
    @WebSocketGateway()
    class DoorGateway {
      @SubscribeMessage('visitor') @Public() visitor(
        @CurrentCaller({ optional: true }) caller: Caller | undefined,
      ) {
        return { event: 'visitor', data: caller?.subject ?? 'nobody' };
      }
    }
    const { host } = await started({ gateways: [KitchenGateway, DoorGateway] });
    const client = await signedIn(host, { sub: 'user|7' });
    expect(await client.ask('mine')).toEqual({ event: 'mine', data: 'user|7' });
    expect(await client.ask('visitor')).toEqual({ event: 'visitor', data: 'nobody' });
  });

  it('that came while the credential was judged waits for it', async () => {
    const { host } = await started({ sockets: { anonymous: true } });
    const client = await new Client(host).open();
    client.send('authenticate', { token: await issuer.accessToken({ sub: 'user|7' }) });
    client.send('mine');
    const answers = [await client.next(), await client.next()];
    expect(answers).toContainEqual({ event: 'mine', data: 'user|7' });
  });
});

describe('a connection', () => {
  it('is closed when its token has expired', async () => {
    const { host } = await started({ options: { clockTolerance: 0 } });
    const client = await signedIn(host, { exp: seconds() + 2 });
    expect(await client.closed).toMatch(/^4401 /);
    expect(client.heard).toMatchObject([{ event: 'exception', data: { code: 'ERR_TOKEN_EXPIRED' } }]);
  });

  it('lives on with a fresh token of the same subject', async () => {
    const { host } = await started({ options: { clockTolerance: 0 } });
    const client = await signedIn(host, { sub: 'user|7', exp: seconds() + 2 });
    const exp = seconds() + 300;
    const fresh = await issuer.accessToken({ sub: 'user|7', exp });
    expect(await client.ask('authenticate', { token: fresh })).toEqual({
      event: 'authenticated',
      data: { expiresAt: exp },
    });
    await new Promise((resolve) => setTimeout(resolve, 3200));
    expect(await client.ask('mine')).toEqual({ event: 'mine', data: 'user|7' });
  });

  it('is closed by a fresh token that no longer permits what it was let into', async () => {
    const { host } = await started();
    const client = await signedIn(host, { sub: 'user|7', ...holding('read:orders') });
    expect(await client.ask('orders')).toEqual({ event: 'order', data: 0 });
    client.send('authenticate', { token: await issuer.accessToken({ sub: 'user|7' }) });
    expect(await client.closed).toMatch(/^4403 this needs the permission read:orders/);
  });

  it('is closed, to be tried again, when revocations cannot be known', async () => {
    const log = revocations();
    const denyList = createDenyList({ source: log.source, maxStaleness: 1, interval: 0.2 });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    const { host } = await started({ options: { denyList } });
    const client = await signedIn(host);
    log.breakDown();
    expect(await client.closed).toMatch(/^1013 /);
    expect(client.heard).toMatchObject([{ data: { status: 503, code: 'ERR_REVOCATION_UNKNOWN' } }]);
  });

  it('is closed by a token of somebody else', async () => {
    const { host } = await started();
    const client = await signedIn(host, { sub: 'user|7' });
    client.send('authenticate', { token: await issuer.accessToken({ sub: 'user|8' }) });
    expect(await client.closed).toMatch(/^4400 this connection belongs to somebody else/);
  });

  it('is closed within a second of a revocation, and others stay', async () => {
    const log = revocations();
    const denyList = createDenyList({ source: log.source });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    const { host } = await started({ options: { denyList } });
    const denied = await signedIn(host, { sub: 'user|7', sid: 'one' });
    const other = await signedIn(host, { sub: 'user|7', sid: 'two' });
    const before = performance.now();
    log.deny({ issuer: issuer.issuer, by: 'session', value: 'one', expiresAt: seconds() + 600 });
    expect(await denied.closed).toMatch(/^4401 /);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(denied.heard).toMatchObject([{ data: { code: 'ERR_TOKEN_REVOKED' } }]);
    expect(await other.ask('mine')).toEqual({ event: 'mine', data: 'user|7' });
  });

  it('is closed when news says that it may no longer what it was let into, and others stay', async () => {
    const held = new Map([
      ['user|7', new Set(['read:orders'])],
      ['user|8', new Set(['read:orders'])],
    ]);
    const changed = new Set<(who?: Pick<Caller, 'issuer' | 'subject'>) => void>();
    const news: CallerNews = {
      onNews(listener) {
        changed.add(listener);
        return () => void changed.delete(listener);
      },
    };
    const { host } = await started({
      sockets: { news },
      options: {
        permissions: {
          permissionsOf: async ({ subject }) => ({
            names: held.get(subject) ?? new Set(),
            sources: new Map(),
            withheld: new Set(),
          }),
        },
      },
    });
    const [seven, eight] = [await signedIn(host, { sub: 'user|7' }), await signedIn(host, { sub: 'user|8' })];
    for (const client of [seven, eight])
      expect(await client.ask('orders')).toEqual({ event: 'order', data: 0 });
    held.clear();
    for (const listener of changed) listener({ issuer: issuer.issuer, subject: 'user|7' });
    expect(await seven.closed).toMatch(/^4403 this needs the permission read:orders/);
    expect(eight.socket.readyState).toBe(eight.socket.OPEN);
  });
});

describe('whoever is told of decisions', () => {
  const toldOf = ({ events }: GatewayApp) =>
    events.map(({ context, handler, caller, refusal }) => [
      context,
      handler,
      caller?.subject,
      refusal?.problem.code,
    ]);

  it('hears of every connection that is not let in', async () => {
    const app = await started();
    await refusedUpgrade(app.host, await bearer({ exp: seconds() - 60 }));
    await refusedUpgrade(app.host, { origin: 'https://evil.example' });
    const client = await new Client(app.host).open();
    client.send('authenticate', { token: 'a.b.c' });
    await client.closed;
    const connection = ['ws', 'WebSocket connection', undefined];
    expect(toldOf(app)).toEqual([
      [...connection, 'ERR_TOKEN_EXPIRED'],
      [...connection, 'ERR_ORIGIN'],
      [...connection, 'ERR_TOKEN_MALFORMED'],
    ]);
  });

  it('hears of every one that is closed, once, and whose it was', async () => {
    const app = await started({ options: { clockTolerance: 0 } });
    const late = await signedIn(app.host, { sub: 'user|7', exp: seconds() + 2 });
    const weaker = await signedIn(app.host, { sub: 'user|8', ...holding('read:orders') });
    await weaker.ask('orders');
    weaker.send('authenticate', { token: await issuer.accessToken({ sub: 'user|8' }) });
    await Promise.all([late.closed, weaker.closed]);
    expect(toldOf(app)).toEqual([
      ['ws', 'KitchenGateway.orders', 'user|8', undefined],
      ['ws', 'KitchenGateway.orders', 'user|8', 'ERR_INSUFFICIENT_PERMISSIONS'],
      ['ws', 'WebSocket connection', 'user|7', 'ERR_TOKEN_EXPIRED'],
    ]);
  });

  it('hears of a message that came too late once, as what closed the connection', async () => {
    const app = await started({ options: { clockTolerance: 0 } });
    const client = await signedIn(app.host, { exp: seconds() + 1 });
    await new Promise((resolve) => setTimeout(resolve, 1050 - (Date.now() % 1000)));
    client.send('mine');
    await client.closed;
    const closing = toldOf(app).filter(([, , , code]) => code === 'ERR_TOKEN_EXPIRED');
    expect(closing).toHaveLength(1);
  });
});

describe('an application with gateways', () => {
  @WebSocketGateway()
  class OpenGateway {
    @SubscribeMessage('open') open() {}
  }
  @WebSocketGateway()
  class CuriousGateway {
    @SubscribeMessage('authenticate') @Public() credentials() {}
  }

  @WebSocketGateway()
  class SendingGateway {}

  it.each<[string, Partial<Parts>, string]>([
    [
      'one only sends, and the module is not imported',
      { gateways: [SendingGateway], sockets: null, guarded: false },
      'Nothing guards the WebSocket gateways SendingGateway',
    ],
    ['one says nothing', { gateways: [OpenGateway] }, '  OpenGateway.open ('],
    ['the module is not imported', { sockets: null, guarded: false }, '@portcullis/nest/websockets'],
    ['the adapter is not ours', { guarded: false }, 'new GuardedAdapter(app, new WsAdapter(app))'],
    ['one would be handed credentials', { gateways: [CuriousGateway] }, 'subscribes to "authenticate"'],
    ['an origin is none', { sockets: { origins: ['menu.example'] } }, '"origins" has "menu.example"'],
    ['an origin has a path', { sockets: { origins: ['https://menu.example/'] } }, '"origins" has'],
    ['the time limit is none', { sockets: { authenticationTimeout: 0 } }, '"authenticationTimeout"'],
  ])('refuses to start when %s', async (_case, parts, why) => {
    await expect(started(parts)).rejects.toThrow(why);
  });
});

/** A log of revocations in the hands of a test. */
function revocations() {
  const entries: Revocation[] = [];
  let wake = (): void => undefined;
  let broken = false;
  const source: RevocationSource = {
    async read(after) {
      if (broken) throw new Error('out of reach');
      return {
        position: { incarnation: 'one', number: entries.length },
        snapshot: after === undefined,
        revocations: entries.slice(after?.number ?? 0),
      };
    },
    onNews(listener) {
      wake = listener;
      return () => undefined;
    },
  };
  return {
    source,
    deny(revocation: Revocation): void {
      entries.push(revocation);
      wake();
    },
    breakDown(): void {
      broken = true;
    },
  };
}
