import { once } from 'node:events';
import { connect, createSecureServer, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createAuthenticator, Refusal } from '@portcullis/http';
import {
  createDpopClient,
  createTestCertificate,
  createTestIssuer,
  type TestCertificate,
  type TestIssuer,
} from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

let issuer: TestIssuer;
let server: TestCertificate;
let own: TestCertificate;
beforeAll(async () => {
  [issuer, server, own] = await Promise.all([
    createTestIssuer({ algorithm: 'ES256' }),
    createTestCertificate({ name: 'localhost' }),
    createTestCertificate(),
  ]);
});
afterAll(() => issuer.stop());

const publicUrl = 'https://menu-api.example.com';

async function api(): Promise<(certificate?: TestCertificate) => ClientHttp2Session> {
  const used = new Set<string>();
  const made = createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    dpop: { publicUrl, replayStore: { remember: (key) => used.size < used.add(key).size } },
  });
  const { cert, key } = server;
  const listening = createSecureServer(
    { cert, key, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const answer = async (): Promise<void> => {
        const outcome = (await made.authenticate(request)) ?? made.refusals.noCredential();
        if (outcome instanceof Refusal) response.writeHead(outcome.status, outcome.headers);
        response.end(JSON.stringify(outcome instanceof Refusal ? outcome.problem : outcome));
      };
      answer().catch((error: unknown) => response.writeHead(500).end(JSON.stringify(String(error))));
    },
  ).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => {
    made.verifier.close();
    listening.close();
  });
  const { port } = listening.address() as AddressInfo;
  return (certificate) => {
    const tls = certificate && { cert: certificate.cert, key: certificate.key };
    const session = connect(`https://127.0.0.1:${port}`, { ca: server.cert, ...tls });
    onTestFinished(() => session.destroy());
    return session;
  };
}

async function get(session: ClientHttp2Session, headers: OutgoingHttpHeaders) {
  const stream = session.request({ ':path': '/items?x=1', ...headers });
  const answered = once(stream, 'response');
  stream.end();
  const [{ ':status': status }] = (await answered) as [{ ':status': number }];
  const body: unknown = JSON.parse((await stream.setEncoding('utf8').toArray()).join(''));
  return { status, body };
}

describe('over HTTP/2', () => {
  it('each stream of a connection is judged alone', async () => {
    const session = (await api())();
    const [a, b] = await Promise.all(['a', 'b'].map((sub) => issuer.accessToken({ sub })));
    const turns: readonly (readonly [OutgoingHttpHeaders, number, string | undefined])[] = [
      [{ authorization: `Bearer ${a}` }, 200, 'a'],
      [{}, 401, undefined],
      [{ authorization: `Bearer ${b}` }, 200, 'b'],
      [{ authorization: `Bearer ${a}x` }, 401, undefined],
      [{ authorization: 'Bearer' }, 400, undefined],
      [{ authorization: `Bearer ${a}` }, 200, 'a'],
    ];
    const judge = async (): Promise<void> => {
      const answers = await Promise.all(turns.map(([headers]) => get(session, headers)));
      for (const [index, [, status, subject]] of turns.entries()) {
        expect(answers[index]?.status).toBe(status);
        if (subject !== undefined) expect(answers[index]?.body).toMatchObject({ subject });
      }
    };
    await judge();
    await judge();
  });

  it('a token bound to a certificate passes with it, and not without', async () => {
    const open = await api();
    const authorization = `Bearer ${await issuer.accessToken({ cnf: { 'x5t#S256': own.x5tS256 } })}`;
    for (let time = 0; time < 2; time++) {
      expect(await get(open(own), { authorization })).toMatchObject({ status: 200, body: { via: 'mtls' } });
      expect(await get(open(), { authorization })).toMatchObject({ status: 401 });
      expect(await get(open(await createTestCertificate()), { authorization })).toMatchObject({
        status: 401,
      });
    }
  });

  it('a token bound to a key passes with a proof, whatever the authority', async () => {
    const session = (await api())();
    const client = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt: client.jkt } });
    const authorization = `DPoP ${token}`;
    const dpop = (url = `${publicUrl}/items`): string => client.proof({ method: 'GET', url, token });
    expect(await get(session, { authorization, dpop: dpop(), ':authority': 'evil.example' })).toMatchObject({
      status: 200,
      body: { via: 'dpop' },
    });
    const foreign = { authorization, dpop: dpop('https://evil.example/items'), ':authority': 'evil.example' };
    expect(await get(session, foreign)).toMatchObject({ status: 401 });
    expect(await get(session, { authorization, dpop: [dpop(), dpop()] })).toMatchObject({ status: 401 });
  });
});
