import {
  authorize,
  callerOf,
  callerRule,
  sendRefusal,
  requireAuthentication,
  requirePermissions,
  createAuthenticator,
  type AuthenticatorOptions,
  type Middleware,
} from '@portcullis/http';
import {
  createDpopClient,
  createTestIssuer,
  spoiled,
  type DpopClient,
  type TestIssuer,
} from '@portcullis/testing';
import type { DpopOptions } from '@portcullis/tokens';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { challengesOf } from './challenges-of.ts';
import { behind, judging, raw, serve } from './server.ts';

const publicUrl = 'https://menu-api.example.com';
const realm = 'https://api.example';
const algs = 'ES256 EdDSA';
const permission = 'create:items';

let issuer: TestIssuer;
let client: DpopClient;
beforeAll(async () => {
  [issuer, client] = await Promise.all([createTestIssuer({ algorithm: 'ES256' }), createDpopClient()]);
});
afterAll(() => issuer.stop());

type Extra = Partial<DpopOptions> & { readonly options?: Partial<AuthenticatorOptions> };

function authenticator({ options, ...dpop }: Extra = {}) {
  const used = new Set<string>();
  const made = createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    dpop: {
      publicUrl,
      replayStore: { remember: (key) => used.size < used.add(key).size },
      algorithms: ['ES256', 'EdDSA'],
      ...dpop,
    },
    ...options,
  });
  onTestFinished(() => made.verifier.close());
  return made;
}

const api = (extra?: Extra, ...rules: readonly Middleware[]): Promise<string> =>
  serve(behind(...judging(authenticator(extra)), ...rules));

const bound = (claims: Record<string, unknown> = {}): Promise<string> =>
  issuer.accessToken({ cnf: { jkt: client.jkt }, ...claims });

const proofFor = (token: string, more: Partial<Parameters<DpopClient['proof']>[0]> = {}): string =>
  client.proof({ method: 'GET', url: `${publicUrl}/items`, token, ...more });

async function send(url: string, authorization?: string, proof?: string, method = 'GET') {
  const headers = new Headers();
  if (authorization !== undefined) headers.set('authorization', authorization);
  if (proof !== undefined) headers.set('dpop', proof);
  const response = await fetch(`${url}/items`, { method, headers });
  const text = await response.text();
  return {
    status: response.status,
    challenges: challengesOf(response),
    nonce: response.headers.get('dpop-nonce'),
    body: text === '' ? undefined : (JSON.parse(text) as unknown),
    text,
  };
}

describe('a token that is bound to a key', () => {
  it('passes with a proof by that key, and the caller says so', async () => {
    const url = await api();
    const token = await bound({ permissions: [permission] });
    for (const scheme of ['DPoP', 'dpop', 'DPOP']) {
      const { status, body } = await send(url, `${scheme} ${token}`, proofFor(token));
      expect(status).toBe(200);
      expect(body).toMatchObject({
        subject: 'user|1',
        via: 'dpop',
        bindings: ['dpop'],
        permissions: [permission],
      });
    }
  });

  it('passes for a method and a query of any kind, and for nothing but the request that was proved', async () => {
    const url = await api();
    const token = await bound();
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      expect((await send(url, `DPoP ${token}`, proofFor(token, { method }), method)).status).toBe(200);
      const other = method === 'GET' ? 'POST' : 'GET';
      expect((await send(url, `DPoP ${token}`, proofFor(token, { method: other }), method)).status).toBe(401);
    }
    const target = (path: string, proof: string): Promise<Response> =>
      fetch(`${url}${path}`, { headers: { authorization: `DPoP ${token}`, dpop: proof } });
    expect((await target('/items?sort=name&x=1', proofFor(token))).status).toBe(200);
    expect((await target('/items/2', proofFor(token))).status).toBe(401);
  });

  const wrong: readonly [string, (token: string) => string | Promise<string> | undefined][] = [
    ['no proof', () => undefined],
    ['an empty proof', () => ''],
    ['a proof for another method', (token) => proofFor(token, { method: 'POST' })],
    ['a proof for another URL', (token) => proofFor(token, { url: `${publicUrl}/items/1` })],
    ['a proof for another host', (token) => proofFor(token, { url: 'https://evil.example/items' })],
    ['a proof for another token', (token) => proofFor(`${token}x`)],
    ['a proof for no token', (token) => proofFor(token, { token: undefined })],
    ['an old proof', (token) => proofFor(token, { iat: Math.floor(Date.now() / 1000) - 300 })],
    ['a proof from the future', (token) => proofFor(token, { iat: Math.floor(Date.now() / 1000) + 300 })],
    ['a proof without a jti', (token) => proofFor(token, { jti: undefined })],
    ['a proof that does not verify', (token) => spoiled.signature(proofFor(token))],
    ['an access token for a proof', (token) => token],
    [
      'a proof by another key',
      async (token) => (await createDpopClient()).proof({ method: 'GET', url: `${publicUrl}/items`, token }),
    ],
  ];

  it.each(wrong)(
    'is refused with %s: invalid_dpop_proof, in the challenge for DPoP',
    async (_name, spoil) => {
      const url = await api();
      const token = await bound();
      for (let time = 0; time < 2; time++) {
        const { status, challenges, nonce, body } = await send(url, `DPoP ${token}`, await spoil(token));
        expect(status).toBe(401);
        expect(challenges).toEqual({
          Bearer: { realm },
          DPoP: { realm, error: 'invalid_dpop_proof', error_description: expect.any(String), algs },
        });
        expect(nonce).toBeNull();
        expect(body).toMatchObject({ status: 401, code: 'ERR_DPOP_PROOF_INVALID' });
      }
      expect((await send(url, `DPoP ${token}`, proofFor(token))).status).toBe(200);
    },
  );

  it('is refused with a proof that was used, and with two proofs, though both be good', async () => {
    const url = await api();
    const token = await bound();
    const proof = proofFor(token);
    expect((await send(url, `DPoP ${token}`, proof)).status).toBe(200);
    expect((await send(url, `DPoP ${token}`, proof)).challenges['DPoP']).toMatchObject({
      error: 'invalid_dpop_proof',
    });
    const twice = await raw(url, [
      'GET /items HTTP/1.1',
      `Authorization: DPoP ${token}`,
      `DPoP: ${proofFor(token)}`,
      `dpop: ${proofFor(token)}`,
    ]);
    expect(twice).toMatch(/^HTTP\/1\.1 401 [^]*DPoP [^\r]*error="invalid_dpop_proof"/);
  });

  it('is refused under Bearer, with a proof or without: invalid_token, in the challenge for Bearer', async () => {
    const url = await api();
    const token = await bound();
    for (const proof of [undefined, proofFor(token)]) {
      const { status, challenges, body } = await send(url, `Bearer ${token}`, proof);
      expect(status).toBe(401);
      expect(challenges).toEqual({
        Bearer: { realm, error: 'invalid_token', error_description: expect.any(String) },
        DPoP: { realm, algs },
      });
      expect(body).toMatchObject({ code: 'ERR_BINDING_REFUSED' });
    }
  });

  it('is refused where DPoP is not taken, and no challenge speaks of it', async () => {
    const plain = createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience });
    onTestFinished(() => plain.verifier.close());
    const url = await serve(behind(...judging(plain)));
    const token = await bound();
    for (const scheme of ['Bearer', 'DPoP']) {
      const { status, challenges, text } = await send(url, `${scheme} ${token}`, proofFor(token));
      expect(status).toBe(401);
      expect(challenges).toEqual({
        Bearer: { realm, error: 'invalid_token', error_description: expect.any(String) },
      });
      expect(text).not.toContain('option'); // the hint is for the log
    }
  });

  it('counts when an introspection says so', async () => {
    const { clientId, clientSecret } = issuer.introspectionClient;
    const introspection = { authentication: { clientId, clientSecret } };
    const url = await api({ options: { tokenFormat: 'both', introspection } });
    const token = issuer.opaqueToken({ cnf: { jkt: client.jkt } });
    expect(await send(url, `DPoP ${token}`, proofFor(token))).toMatchObject({
      status: 200,
      body: { via: 'dpop' },
    });
    expect((await send(url, `Bearer ${token}`)).status).toBe(401);
    expect((await send(url, `DPoP ${token}`)).status).toBe(401);
    const free = issuer.opaqueToken();
    expect((await send(url, `Bearer ${free}`)).status).toBe(200);
    expect((await send(url, `DPoP ${free}`, proofFor(free))).status).toBe(401);
  });
});

describe('a token that is bound to nothing', () => {
  it('passes as Bearer, proof or not, and never under DPoP', async () => {
    const url = await api();
    const token = await issuer.accessToken();
    for (const proof of [undefined, proofFor(token), 'x']) {
      expect(await send(url, `Bearer ${token}`, proof)).toMatchObject({
        status: 200,
        body: { via: 'bearer', bindings: [] },
      });
      const { status, challenges, body } = await send(url, `DPoP ${token}`, proof);
      expect(status).toBe(401);
      expect(challenges).toEqual({
        Bearer: { realm },
        DPoP: { realm, error: 'invalid_token', error_description: expect.any(String), algs },
      });
      expect(body).toMatchObject({ code: 'ERR_BINDING_REFUSED' });
    }
  });

  it('is refused where every token must be bound, and only DPoP is challenged for', async () => {
    const url = await api({ required: true }, requireAuthentication());
    const token = await issuer.accessToken();
    for (const scheme of ['Bearer', 'DPoP']) {
      const { status, challenges } = await send(url, `${scheme} ${token}`, proofFor(token));
      expect(status).toBe(401);
      expect(challenges).toEqual({
        DPoP: { realm, error: 'invalid_token', error_description: expect.any(String), algs },
      });
    }
    const own = await bound();
    expect((await send(url, `DPoP ${own}`, proofFor(own))).status).toBe(200);
    const { challenges, text } = await send(url);
    expect(challenges).toEqual({ DPoP: { realm, algs } });
    expect(text).toContain('Authorization: DPoP');
  });
});

describe('no credential', () => {
  it('is challenged for each scheme that is taken, without an error', async () => {
    const url = await api({}, requireAuthentication());
    for (const authorization of [undefined, 'Basic YTpi']) {
      const { status, challenges } = await send(url, authorization);
      expect(status).toBe(401);
      expect(challenges).toEqual({ Bearer: { realm }, DPoP: { realm, algs } });
    }
  });

  it('is what a proof alone is', async () => {
    const url = await api({}, requireAuthentication());
    expect(await send(url, undefined, proofFor('x'))).toMatchObject({
      status: 401,
      body: { code: 'ERR_NO_CREDENTIAL' },
    });
  });
});

describe('a request that breaks the grammar', () => {
  it.each<[string, string, string]>([
    ['DPoP', 'DPoP a b', 'Bearer'],
    ['DPoP', 'DPoP', 'Bearer'],
    ['Bearer', 'Bearer a b', 'DPoP'],
  ])('is 400, with the error in the challenge for %s: %s', async (scheme, authorization, other) => {
    const { status, challenges } = await send(await api(), authorization);
    expect(status).toBe(400);
    expect(challenges[scheme]).toMatchObject({ error: 'invalid_request' });
    expect(challenges[other]).not.toHaveProperty('error');
  });

  it('with a token in the query, too', async () => {
    const url = await api();
    const token = await bound();
    const headers = { authorization: `DPoP ${token}`, dpop: proofFor(token) };
    const response = await fetch(`${url}/items?access_token=${token}`, { headers });
    expect(response.status).toBe(400);
    expect(challengesOf(response)['DPoP']).toMatchObject({ error: 'invalid_request' });
    expect(challengesOf(response)['Bearer']).not.toHaveProperty('error');
  });
});

describe('what a caller may not', () => {
  it('is told in the challenge for the scheme that the caller used', async () => {
    const url = await api({}, requirePermissions(permission));
    const own = await bound({ scope: 'openid' });
    const free = await issuer.accessToken({ scope: 'openid' });
    const byDpop = await send(url, `DPoP ${own}`, proofFor(own));
    expect(byDpop.status).toBe(403);
    expect(byDpop.challenges).toEqual({
      Bearer: { realm },
      DPoP: { realm, error: 'insufficient_scope', algs },
    });
    const byBearer = await send(url, `Bearer ${free}`);
    expect(byBearer.status).toBe(403);
    expect(byBearer.challenges).toEqual({
      Bearer: { realm, error: 'insufficient_scope' },
      DPoP: { realm, algs },
    });
  });

  it('for want of a recent login, too', async () => {
    const doors = authenticator();
    const recently: Middleware = (request, response, next) => {
      const refusal = authorize(callerRule({ maxLoginAge: 60 }), callerOf(request), doors.refusals);
      if (refusal) sendRefusal(response, refusal);
      else next();
    };
    const url = await serve(behind(...judging(doors), recently));
    const old = await bound({ auth_time: 1 });
    const { status, challenges } = await send(url, `DPoP ${old}`, proofFor(old));
    expect(status).toBe(401);
    expect(challenges['DPoP']).toMatchObject({
      error: 'insufficient_user_authentication',
      max_age: '60',
      algs,
    });
    expect(challenges['Bearer']).toEqual({ realm });
    const recent = await bound({ auth_time: Math.floor(Date.now() / 1000) });
    expect((await send(url, `DPoP ${recent}`, proofFor(recent))).status).toBe(200);
  });
});

describe('a nonce', () => {
  const nonce = { secret: 'a secret of at least 32 bytes, shared by all nodes' };

  it('is demanded with use_dpop_nonce and DPoP-Nonce, and the next proof passes with it', async () => {
    const url = await api({ nonce });
    const token = await bound();
    const first = await send(url, `DPoP ${token}`, proofFor(token));
    expect(first.status).toBe(401);
    expect(first.challenges).toEqual({
      Bearer: { realm },
      DPoP: { realm, error: 'use_dpop_nonce', error_description: expect.any(String), algs },
    });
    expect(first.nonce).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/); // RFC 9449, 8.1
    expect(first.body).toMatchObject({ code: 'ERR_DPOP_NONCE_REQUIRED' });
    const given = { nonce: first.nonce ?? '' };
    expect((await send(url, `DPoP ${token}`, proofFor(token, given))).status).toBe(200);
    expect((await send(url, `DPoP ${token}`, proofFor(token, given))).status).toBe(200); // as often as one likes
  });

  it('of another server, or a made-up one, is answered with one of ours', async () => {
    const token = await bound();
    const other = await api({ nonce: { secret: 'another secret of at least 32 bytes, of another API' } });
    const foreign = (await send(other, `DPoP ${token}`, proofFor(token))).nonce ?? '';
    const url = await api({ nonce });
    for (const made of [foreign, 'x', '']) {
      const answer = await send(url, `DPoP ${token}`, proofFor(token, { nonce: made }));
      expect(answer.challenges['DPoP']).toMatchObject({ error: 'use_dpop_nonce' });
      expect((await send(url, `DPoP ${token}`, proofFor(token, { nonce: answer.nonce ?? '' }))).status).toBe(
        200,
      );
    }
  });

  it('is given to nobody who did something else wrong', async () => {
    const url = await api({ nonce });
    const token = await bound();
    for (const proof of [
      undefined,
      spoiled.signature(proofFor(token)),
      proofFor(token, { method: 'POST' }),
    ]) {
      const answer = await send(url, `DPoP ${token}`, proof);
      expect(answer.challenges['DPoP']).toMatchObject({ error: 'invalid_dpop_proof' });
      expect(answer.nonce).toBeNull();
    }
  });
});

describe('the address that a proof is for', () => {
  const mounted =
    (url: string, originalUrl: string): Middleware =>
    (request, _response, next) => {
      Object.assign(request, { url, originalUrl });
      next();
    };

  it('is the whole one where Express has shortened it for a router below', async () => {
    const url = await serve(behind(mounted('/', '/items?x=1'), ...judging(authenticator())));
    const token = await bound();
    expect((await send(url, `DPoP ${token}`, proofFor(token))).status).toBe(200);
    const shortened = proofFor(token, { url: `${publicUrl}/` });
    expect((await send(url, `DPoP ${token}`, shortened)).status).toBe(401);
  });

  it('has the prefix that a proxy strips', async () => {
    const url = await api({ publicUrl: `${publicUrl}/menu` });
    const token = await bound();
    const prefixed = proofFor(token, { url: `${publicUrl}/menu/items` });
    expect((await send(url, `DPoP ${token}`, prefixed)).status).toBe(200);
    expect((await send(url, `DPoP ${token}`, proofFor(token))).status).toBe(401);
  });

  it('is never what a request says of its host, in its headers or its target', async () => {
    const url = await api();
    const token = await bound();
    const answer = async (target: string, htu: string, ...lines: readonly string[]): Promise<string> =>
      (
        await raw(url, [
          `GET ${target} HTTP/1.1`,
          `Authorization: DPoP ${token}`,
          `DPoP: ${proofFor(token, { url: htu })}`,
          ...lines,
        ])
      ).slice(9, 12);
    const forwarded = [
      'X-Forwarded-Host: evil.example',
      'X-Forwarded-Proto: http',
      'Forwarded: host=evil.example',
    ];
    expect(await answer('/items', `${publicUrl}/items`, ...forwarded)).toBe('200');
    expect(await answer('/items', 'https://evil.example/items', ...forwarded)).toBe('401');
    expect(await answer('/items', 'http://localhost/items')).toBe('401');
    for (const htu of [`${publicUrl}/items`, 'http://evil.example/items']) {
      expect(await answer('http://evil.example/items', htu)).toBe('401');
    }
  });
});

describe('one connection', () => {
  it('carries each request’s own verdict', async () => {
    const url = await api({}, requireAuthentication());
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const other = await createDpopClient();
    const token = await bound();
    const theirs = await issuer.accessToken({ sub: 'user|2', cnf: { jkt: other.jkt } });
    const proved = { method: 'GET', url: `${publicUrl}/items` };
    const proof = proofFor(token);
    const turns: readonly (readonly [string | undefined, string | undefined, unknown])[] = [
      [`DPoP ${token}`, proof, 'user|1'],
      [`DPoP ${token}`, proof, 401],
      [undefined, undefined, 401],
      [`DPoP ${theirs}`, other.proof({ ...proved, token: theirs }), 'user|2'],
      [`DPoP ${theirs}`, proofFor(theirs), 401],
      [`DPoP ${token}`, other.proof({ ...proved, token }), 401],
      [`Bearer ${token}`, proofFor(token), 401],
      [`DPoP ${spoiled.signature(token)}`, proofFor(spoiled.signature(token)), 401],
      [`DPoP ${token}`, proofFor(token), 'user|1'],
    ];
    const ports = new Set<unknown>();
    for (const [authorization, dpop, expected] of turns) {
      const sent = httpRequest(`${url}/items`, {
        agent,
        headers: { ...(authorization && { authorization }), ...(dpop && { dpop }) },
      });
      const answered = once(sent, 'response');
      sent.end();
      const [response] = (await answered) as [IncomingMessage];
      ports.add(response.socket.localPort);
      const body: unknown = JSON.parse((await response.setEncoding('utf8').toArray()).join(''));
      const subject =
        typeof body === 'object' && body !== null && 'subject' in body ? body.subject : undefined;
      expect(response.statusCode === 200 ? subject : response.statusCode).toBe(expected);
    }
    expect(ports.size).toBe(1);
  });
});
