import { once } from 'node:events';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { WebSocketGateway } from '@nestjs/websockets';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { socketIo, start, type Parts } from './gateway-app.ts';
import { KitchenGateway } from './kitchen.gateway.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const started = (parts: Partial<Parts> = {}) =>
  start({ issuer, gateways: [KitchenGateway], platform: socketIo, ...parts });

const seconds = (): number => Math.floor(Date.now() / 1000);

function connect(host: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  const socket = io(`http://${host}`, { forceNew: true, reconnection: false, ...options });
  onTestFinished(() => void socket.disconnect());
  return socket;
}

/** The arguments of the next such event. */
const heard = (socket: Socket, event: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(event, resolve));

async function signedIn(host: string, claims: Record<string, unknown> = {}): Promise<Socket> {
  const socket = connect(host, { auth: { token: await issuer.accessToken(claims) } });
  await heard(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, event: string, answer: string, data?: unknown): Promise<unknown> {
  const answered = heard(socket, answer);
  socket.emit(event, data);
  return answered;
}

describe('a handshake of socket.io', () => {
  it.each(['polling', 'websocket'])(
    'with a good token makes a connection that is somebody: %s',
    async (transport) => {
      const { host, events } = await started();
      const socket = connect(host, {
        transports: [transport],
        auth: { token: await issuer.accessToken({ sub: 'user|7' }) },
      });
      await heard(socket, 'connect');
      expect(await ask(socket, 'mine', 'mine')).toBe('user|7');
      expect(events).toMatchObject([{ context: 'ws', handler: 'KitchenGateway.mine', refusal: undefined }]);
    },
  );

  it('takes the header of clients that are no browsers', async () => {
    const { host } = await started();
    const authorization = `Bearer ${await issuer.accessToken({ sub: 'user|7' })}`;
    const socket = connect(host, { extraHeaders: { authorization } });
    await heard(socket, 'connect');
    expect(await ask(socket, 'mine', 'mine')).toBe('user|7');
  });

  it.each<[string, () => Promise<Partial<ManagerOptions & SocketOptions>>, object]>([
    ['no token', async () => ({}), { status: 401, code: 'ERR_NO_CREDENTIAL' }],
    ['a token that is none', async () => ({ auth: { token: 'a.b.c' } }), { status: 401 }],
    ['a token that is no text', async () => ({ auth: { token: 7 } }), { status: 400 }],
    [
      'an expired token',
      async () => ({ auth: { token: await issuer.accessToken({ exp: seconds() - 60 }) } }),
      { status: 401, code: 'ERR_TOKEN_EXPIRED' },
    ],
    [
      'two tokens',
      async () => {
        const token = await issuer.accessToken();
        return { auth: { token }, extraHeaders: { authorization: `Bearer ${token}` } };
      },
      { status: 400 },
    ],
    [
      'a bound token',
      async () => ({ auth: { token: await issuer.accessToken({ cnf: { jkt: 'A'.repeat(43) } }) } }),
      { status: 401 },
    ],
  ])('with %s is refused with its problem', async (_case, options, problem) => {
    const { host } = await started();
    const error = await heard(connect(host, await options()), 'connect_error');
    expect(error).toMatchObject({ data: problem });
  });

  it('that is refused is told of, to whoever is told of decisions', async () => {
    const { host, events } = await started();
    const origin = { transports: ['polling'], extraHeaders: { origin: 'https://evil.example' } };
    await heard(connect(host, { auth: { token: 'a.b.c' } }), 'connect_error');
    await heard(connect(host), 'connect_error');
    await heard(connect(host, origin), 'connect_error');
    expect(events.map(({ handler, refusal }) => [handler, refusal?.problem.code])).toEqual([
      ['WebSocket connection', 'ERR_TOKEN_MALFORMED'],
      ['WebSocket connection', 'ERR_NO_CREDENTIAL'],
      ['WebSocket connection', 'ERR_ORIGIN'],
    ]);
  });

  it('of a page is refused unless its origin is listed', async () => {
    const { host } = await started({ sockets: { origins: ['https://menu.example'] } });
    const auth = { token: await issuer.accessToken() };
    const evil = connect(host, { auth, extraHeaders: { origin: 'https://evil.example' } });
    expect(await heard(evil, 'connect_error')).toBeInstanceOf(Error);
    await heard(connect(host, { auth, extraHeaders: { origin: 'https://menu.example' } }), 'connect');
  });

  it('is asked for in every namespace', async () => {
    @WebSocketGateway({ namespace: 'staff' })
    class StaffGateway extends KitchenGateway {}
    const { host } = await started({ gateways: [KitchenGateway, StaffGateway] });
    const error = await heard(connect(`${host}/staff`), 'connect_error');
    expect(error).toMatchObject({ data: { status: 401 } });
    expect(await ask(await signedIn(`${host}/staff`, { sub: 'user|9' }), 'mine', 'mine')).toBe('user|9');
  });

  it('is asked for in namespaces that come into being with their clients', async () => {
    @WebSocketGateway({ namespace: /^\/table-\d+$/ })
    class TableGateway extends KitchenGateway {}
    const { host } = await started({ gateways: [TableGateway] });
    const error = await heard(connect(`${host}/table-7`), 'connect_error');
    expect(error).toMatchObject({ data: { status: 401 } });
    expect(await ask(await signedIn(`${host}/table-8`, { sub: 'user|9' }), 'mine', 'mine')).toBe('user|9');
  });

  describe('where every gateway is in a namespace', () => {
    @WebSocketGateway({ namespace: 'staff' })
    class StaffGateway extends KitchenGateway {}

    it('is asked for outside of them, too', async () => {
      const { host } = await started({ gateways: [StaffGateway] });
      const error = await heard(connect(host), 'connect_error');
      expect(error).toMatchObject({ data: { status: 401, code: 'ERR_NO_CREDENTIAL' } });
      await signedIn(host);
    });

    it.each(['silent', '40', '40/staff,', '40/nowhere,'])(
      'must come in time, or the connection is closed: %s',
      async (packet) => {
        const { host } = await started({ gateways: [StaffGateway], sockets: { authenticationTimeout: 1 } });
        const socket = new WebSocket(`ws://${host}/socket.io/?EIO=4&transport=websocket`);
        await once(socket, 'open');
        if (packet !== 'silent') socket.send(packet);
        expect(await once(socket, 'close', { signal: AbortSignal.timeout(3000) })).toBeDefined();
      },
    );

    it('counts outside of them until the token expires', async () => {
      const { host } = await started({ gateways: [StaffGateway], options: { clockTolerance: 0 } });
      const socket = await signedIn(host, { exp: seconds() + 2 });
      expect(await heard(socket, 'disconnect')).toBe('io server disconnect');
    });
  });

  it.each(['/', 'staff'])(
    'cannot be left out for clients that come back: namespace %s',
    async (namespace) => {
      @WebSocketGateway({ namespace, connectionStateRecovery: {} })
      class ForgetfulGateway extends KitchenGateway {}
      await expect(started({ gateways: [ForgetfulGateway] })).rejects.toThrow(
        '"connectionStateRecovery" lets clients back in without asking who they are',
      );
    },
  );
});

describe('a connection of socket.io', () => {
  it('has each message decided, with the problem that HTTP would send', async () => {
    const { host } = await started();
    const socket = await signedIn(host, { scope: 'cook:items', permissions: ['cook:items'] });
    expect(await ask(socket, 'cook', 'cooked', 'soup')).toBe('soup');
    expect(await ask(socket, 'orders', 'exception')).toMatchObject({
      status: 403,
      missingPermissions: ['read:orders'],
    });
  });

  it('may be of nobody where that is allowed, for what is @Public alone', async () => {
    const { host } = await started({ sockets: { anonymous: true } });
    const socket = connect(host);
    await heard(socket, 'connect');
    expect(await ask(socket, 'menu', 'menu')).toEqual(['soup']);
    expect(await ask(socket, 'mine', 'exception')).toMatchObject({ status: 401 });
  });

  it('is closed when its token has expired, and lives on with a fresh one', async () => {
    const { host } = await started({ options: { clockTolerance: 0 } });
    const [mortal, renewed] = [
      await signedIn(host, { sub: 'user|7', exp: seconds() + 2 }),
      await signedIn(host, { sub: 'user|7', exp: seconds() + 2 }),
    ];
    const token = await issuer.accessToken({ sub: 'user|7', exp: seconds() + 300 });
    expect(await ask(renewed, 'authenticate', 'authenticated', { token })).toHaveProperty('expiresAt');
    const why = heard(mortal, 'exception');
    expect(await heard(mortal, 'disconnect')).toBe('io server disconnect');
    expect(await why).toMatchObject({ code: 'ERR_TOKEN_EXPIRED' });
    expect(await ask(renewed, 'mine', 'mine')).toBe('user|7');
  });
});
