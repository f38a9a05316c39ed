import { once } from 'node:events';
import { Agent, createServer, request as httpsRequest, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { authenticate, requireAuthentication } from '@portcullis/http';
import {
  createDpopClient,
  createTestCertificate,
  createTestIssuer,
  type TestCertificate,
  type TestIssuer,
} from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { behind, judging, serve } from './server.ts';

let issuer: TestIssuer;
let server: TestCertificate;
let own: TestCertificate;
let other: TestCertificate;
beforeAll(async () => {
  [issuer, server, own, other] = await Promise.all([
    createTestIssuer({ algorithm: 'ES256' }),
    createTestCertificate({ name: 'localhost' }),
    createTestCertificate({ name: 'own' }),
    createTestCertificate({ name: 'other' }),
  ]);
});
afterAll(() => issuer.stop());

const publicUrl = 'https://menu-api.example.com';

/** A TLS server that asks for a certificate and leaves the judgement to the token. */
async function api(): Promise<number> {
  const used = new Set<string>();
  const middleware = authenticate({
    issuer: issuer.issuer,
    audience: issuer.audience,
    dpop: { publicUrl, replayStore: { remember: (key) => used.size < used.add(key).size } },
  });
  const { cert, key } = server;
  const listening = createServer(
    { cert, key, requestCert: true, rejectUnauthorized: false },
    behind(middleware, requireAuthentication()),
  ).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => {
    listening.close();
    listening.closeAllConnections();
  });
  return (listening.address() as AddressInfo).port;
}

interface Sent {
  readonly authorization: string;
  readonly certificate?: TestCertificate | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly tls?: RequestOptions;
}

async function send(port: number, { authorization, certificate, headers, agent, tls }: Sent) {
  const sent = httpsRequest({
    host: '127.0.0.1',
    port,
    path: '/items',
    ca: server.cert,
    ...(certificate && { cert: certificate.cert, key: certificate.key }),
    agent: agent ?? false,
    headers: { ...headers, authorization },
    ...tls,
  });
  const answered = once(sent, 'response');
  sent.end();
  const [response] = (await answered) as [IncomingMessage];
  const { socket } = response;
  const { localPort } = socket;
  const resumed = socket instanceof TLSSocket && socket.isSessionReused();
  const body: unknown = JSON.parse((await response.setEncoding('utf8').toArray()).join(''));
  return {
    status: response.statusCode,
    body,
    localPort,
    resumed,
    challenge: response.headers['www-authenticate'],
  };
}

const bound = (claims: Record<string, unknown> = {}): Promise<string> =>
  issuer.accessToken({ cnf: { 'x5t#S256': own.x5tS256 }, ...claims });

describe('a token that is bound to a certificate', () => {
  it('passes over a connection with that certificate, and the caller says so', async () => {
    const { status, body } = await send(await api(), {
      authorization: `Bearer ${await bound()}`,
      certificate: own,
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ subject: 'user|1', via: 'mtls', bindings: ['mtls'] });
  });

  it.each<[string, () => TestCertificate | undefined]>([
    ['none', () => undefined],
    ['another', () => other],
    ['the server’s own', () => server],
  ])('is refused over a connection with %s', async (_name, certificate) => {
    const port = await api();
    const authorization = `Bearer ${await bound()}`;
    for (let time = 0; time < 2; time++) {
      const { status, body, challenge } = await send(port, { authorization, certificate: certificate() });
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'ERR_BINDING_REFUSED' });
      expect(challenge).toMatch(/^Bearer [^]*error="invalid_token"/);
    }
    expect((await send(port, { authorization, certificate: own })).status).toBe(200);
    // It is remembered by now, and is asked all the same.
    expect((await send(port, { authorization, certificate: certificate() })).status).toBe(401);
  });

  it('is refused with the certificate in a header, whatever its name', async () => {
    const port = await api();
    const authorization = `Bearer ${await bound()}`;
    const pem = encodeURIComponent(own.cert);
    const base64 = Buffer.from(own.der).toString('base64');
    const forged = {
      'client-cert': `:${base64}:`,
      'x-ssl-client-cert': pem,
      'x-client-cert': base64,
      'x-forwarded-client-cert': `Cert="${pem}"`,
      'x-amzn-mtls-clientcert': pem,
      'x-ssl-client-verify': 'SUCCESS',
    };
    for (const [name, value] of Object.entries(forged)) {
      for (const certificate of [undefined, other]) {
        const { status } = await send(port, { authorization, certificate, headers: { [name]: value } });
        expect([name, status]).toEqual([name, 401]);
      }
    }
    // And one of another takes nothing away.
    const headers = { 'client-cert': `:${Buffer.from(other.der).toString('base64')}:` };
    expect((await send(port, { authorization, certificate: own, headers })).status).toBe(200);
  });

  it('passes on every request of a connection, and over one that resumes its session', async () => {
    const port = await api();
    const token = await bound();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const free = await issuer.accessToken({ sub: 'user|2' });
    const foreign = await bound({ sub: 'user|3', cnf: { 'x5t#S256': other.x5tS256 } });
    const ports = new Set<unknown>();
    for (const [sent, expected] of [
      [token, 'user|1'],
      [free, 'user|2'],
      [foreign, 401],
      [token, 'user|1'],
    ]) {
      const { status, body, localPort } = await send(port, {
        authorization: `Bearer ${sent}`,
        certificate: own,
        agent,
      });
      ports.add(localPort);
      const subject =
        typeof body === 'object' && body !== null && 'subject' in body ? body.subject : undefined;
      expect(status === 200 ? subject : status).toBe(expected);
    }
    expect(ports.size).toBe(1);

    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const tls = { minVersion: version, maxVersion: version };
      const session = await sessionOf(port, tls);
      const again = { authorization: `Bearer ${token}`, tls: { ...tls, session } };
      expect(await send(port, { ...again, certificate: own })).toMatchObject({ status: 200, resumed: true });
    }
  });

  it('is refused over plain http, where there is no certificate', async () => {
    const url = await serve(behind(...judging({ issuer: issuer.issuer, audience: issuer.audience })));
    const get = async (token: string): Promise<number> =>
      (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await get(await bound())).toBe(401);
    expect(await get(await issuer.accessToken())).toBe(200);
  });

  /** Of a connection that showed the own certificate. */
  async function sessionOf(port: number, tls: RequestOptions): Promise<Buffer> {
    const sent = httpsRequest({
      host: '127.0.0.1',
      port,
      path: '/',
      ca: server.cert,
      cert: own.cert,
      key: own.key,
      agent: false,
      ...tls,
    });
    const session = new Promise<Buffer>((resolve) => {
      sent.on('socket', (socket) => socket.on('session', resolve));
    });
    sent.on('response', (response) => response.resume());
    sent.end();
    return session;
  }
});

describe('a token that is bound to a certificate and to a key', () => {
  it('passes with both, and with neither alone', async () => {
    const port = await api();
    const client = await createDpopClient();
    const token = await bound({ cnf: { 'x5t#S256': own.x5tS256, jkt: client.jkt } });
    const proof = (): string => client.proof({ method: 'GET', url: `${publicUrl}/items`, token });
    const authorization = `DPoP ${token}`;
    const both = await send(port, { authorization, certificate: own, headers: { dpop: proof() } });
    expect(both).toMatchObject({ status: 200, body: { via: 'dpop', bindings: ['dpop', 'mtls'] } });
    for (const certificate of [undefined, other]) {
      const { status, body } = await send(port, { authorization, certificate, headers: { dpop: proof() } });
      expect(status).toBe(401);
      expect(body).toMatchObject({ code: 'ERR_BINDING_REFUSED' });
    }
    const { status, body } = await send(port, { authorization, certificate: own });
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: 'ERR_DPOP_PROOF_INVALID' });
    expect((await send(port, { authorization: `Bearer ${token}`, certificate: own })).status).toBe(401);
  });
});

describe('a token that is bound to nothing', () => {
  it('passes with a certificate and without, and is called what it is', async () => {
    const port = await api();
    const authorization = `Bearer ${await issuer.accessToken()}`;
    for (const certificate of [undefined, own]) {
      expect(await send(port, { authorization, certificate })).toMatchObject({
        status: 200,
        body: { via: 'bearer', bindings: [] },
      });
    }
  });
});
