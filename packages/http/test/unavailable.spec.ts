import {
  authenticate,
  createAuthenticator,
  requireAuthentication,
  type AuthenticatorOptions,
} from '@portcullis/http';
import { createDpopClient, createTestIssuer, faults, spoiled, type TestIssuer } from '@portcullis/testing';
import { PermissionsUnknown } from '@portcullis/permissions';
import { createDenyList, type ReplayStore } from '@portcullis/tokens';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { behind, serve } from './server.ts';

let issuer: TestIssuer;
beforeEach(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' });
  const { stop } = issuer;
  return () => stop();
});

const publicUrl = 'https://menu-api.example.com';

async function api(options: Partial<AuthenticatorOptions> = {}) {
  const made = createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience, ...options });
  onTestFinished(() => made.verifier.close());
  const url = await serve(behind(authenticate(made), requireAuthentication()));
  return async (authorization: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(`${url}/items`, { headers: { ...headers, authorization } });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown };
  };
}

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof api>>>>;

/** It is nobody's fault, it says when to come back, and nothing of what is inside. */
function expectUnavailable({ status, headers, text, body }: Answer, expected: number, code: string): void {
  expect(status).toBe(expected);
  expect(headers.has('www-authenticate')).toBe(false);
  expect(headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(body).toMatchObject({
    status: expected,
    statusCode: expected,
    code,
    detail: expect.stringMatching(/try again later$/),
  });
  for (const inside of [
    issuer.issuer,
    '127.0.0.1',
    'http://',
    'status ',
    'introspection.',
    'replayStore',
    'database',
  ]) {
    expect(text).not.toContain(inside);
  }
}

describe('503', () => {
  it.each([
    ['fails', faults.status(500)],
    ['answers garbage', faults.garbage],
    ['is cut', faults.cut],
    ['is silent', faults.silent],
  ] as const)('when an issuer’s key set %s, until it is back', async (_name, fault) => {
    issuer.answerKeysWith(fault);
    const get = await api({ requestTimeout: 300 });
    const token = await issuer.accessToken();
    expectUnavailable(await get(`Bearer ${token}`), 503, 'ERR_ISSUER_UNAVAILABLE');
    expect((await get(`Bearer ${spoiled.none(token)}`)).status).toBe(401); // that would be wrong anyway
    expect((await get(`Bearer ${await issuer.accessToken({ iss: 'https://evil.example/' })}`)).status).toBe(
      401,
    );
    issuer.answerKeysWith(undefined);
    await expect.poll(async () => (await get(`Bearer ${token}`)).status, { timeout: 4000 }).toBe(200);
  });

  it.each([
    ['fails', faults.status(500)],
    ['refuses this API', faults.status(401)],
    ['answers garbage', faults.garbage],
    ['is cut', faults.cut],
    ['is silent', faults.silent],
  ] as const)('when an introspection endpoint %s, until it is back', async (_name, fault) => {
    issuer.answerIntrospectionWith(fault);
    const { clientId, clientSecret } = issuer.introspectionClient;
    const introspection = { authentication: { clientId, clientSecret } };
    const get = await api({ tokenFormat: 'both', introspection, requestTimeout: 300 });
    const token = issuer.opaqueToken();
    expectUnavailable(await get(`Bearer ${token}`), 503, 'ERR_ISSUER_UNAVAILABLE');
    expect((await get(`Bearer ${await issuer.accessToken()}`)).status).toBe(200);
    issuer.answerIntrospectionWith(undefined);
    expect((await get(`Bearer ${token}`)).status).toBe(200);
  });

  it('as long as the issuer says, within a minute', async () => {
    const { clientId, clientSecret } = issuer.introspectionClient;
    const introspection = { authentication: { clientId, clientSecret } };
    const get = await api({ tokenFormat: 'opaque', introspection });
    for (const [said, told] of [
      ['7', '7'],
      ['0', '1'],
      ['86400', '60'],
      ['tomorrow', '2'],
    ]) {
      issuer.answerIntrospectionWith({ status: 503, headers: { 'retry-after': said ?? '' } });
      const answer = await get(`Bearer ${issuer.opaqueToken()}`);
      expectUnavailable(answer, 503, 'ERR_ISSUER_UNAVAILABLE');
      expect([said, answer.headers.get('retry-after')]).toEqual([said, told]);
    }
  });

  it('when it cannot be told what the caller may do, whenever that is found out', async () => {
    const unknown = new PermissionsUnknown({
      retryAfter: 86_400,
      hint: 'The database at 127.0.0.1 is away.',
      cause: new Error('http://127.0.0.1'),
    });
    for (const permissionsOf of [
      (): never => {
        throw unknown;
      },
      () => Promise.reject(unknown),
    ]) {
      const get = await api({ permissions: { permissionsOf } });
      const token = await issuer.accessToken();
      for (const _time of ['first', 'second']) {
        const answer = await get(`Bearer ${token}`);
        expectUnavailable(answer, 503, 'ERR_PERMISSIONS_UNKNOWN');
        expect(answer.headers.get('retry-after')).toBe('60');
      }
      expect((await get(`Bearer ${spoiled.none(token)}`)).status).toBe(401);
    }
  });

  it('when the deny-list is blind, for good tokens alone', async () => {
    let down = true;
    const denyList = createDenyList({
      interval: 0.1,
      source: {
        read: async () => {
          if (down) throw new Error('the database is away');
          return { position: { incarnation: 'one', number: 0 }, snapshot: true, revocations: [] };
        },
      },
    });
    onTestFinished(() => denyList.close());
    const get = await api({ denyList });
    const token = await issuer.accessToken();
    for (let time = 0; time < 2; time++) {
      expectUnavailable(await get(`Bearer ${token}`), 503, 'ERR_REVOCATION_UNKNOWN');
    }
    expect((await get(`Bearer ${spoiled.signature(token)}`)).status).toBe(401);
    expect((await get(`Bearer ${await issuer.accessToken({ exp: 1 })}`)).status).toBe(401);
    down = false;
    await expect.poll(async () => (await get(`Bearer ${token}`)).status, { timeout: 2000 }).toBe(200);
  });

  it('when the store of used proofs fails, for good proofs alone', async () => {
    const broken = new Error('the database is away');
    let store: ReplayStore['remember'] = () => Promise.reject(broken);
    const get = await api({ dpop: { publicUrl, replayStore: { remember: (...given) => store(...given) } } });
    const client = await createDpopClient();
    const token = await issuer.accessToken({ cnf: { jkt: client.jkt } });
    const proof = (): string => client.proof({ method: 'GET', url: `${publicUrl}/items`, token });
    const ways: readonly ReplayStore['remember'][] = [
      () => Promise.reject(broken),
      () => {
        throw broken;
      },
      () => new Promise(() => undefined),
    ];
    for (const way of ways) {
      store = way;
      expectUnavailable(await get(`DPoP ${token}`, { dpop: proof() }), 503, 'ERR_REPLAY_UNKNOWN');
      expect((await get(`DPoP ${token}`, { dpop: spoiled.signature(proof()) })).status).toBe(401);
    }
    store = () => true;
    expect((await get(`DPoP ${token}`, { dpop: proof() })).status).toBe(200);
  });
});

describe('429', () => {
  it('when one address has had too many unknown tokens asked about, and no other token waits', async () => {
    const { clientId, clientSecret } = issuer.introspectionClient;
    const introspection = { authentication: { clientId, clientSecret }, perAddress: 3 };
    const get = await api({ tokenFormat: 'both', introspection });
    const known = issuer.opaqueToken();
    expect((await get(`Bearer ${known}`)).status).toBe(200);
    for (const junk of ['junk-1', 'junk-2', 'junk-3']) expect((await get(`Bearer ${junk}`)).status).toBe(401);
    const answer = await get('Bearer junk-4');
    expectUnavailable(answer, 429, 'ERR_INTROSPECTION_LIMITED');
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(20);
    expect((await get('Bearer junk-4', { 'x-forwarded-for': '192.0.2.1' })).status).toBe(429);
    expect((await get(`Bearer ${known}`)).status).toBe(200);
    expect((await get(`Bearer ${await issuer.accessToken()}`)).status).toBe(200);
    expect(issuer.visits.introspection).toBe(4);
  });
});

describe('an error that is the application’s', () => {
  it('goes to the next error handler, for a token that was seen as for one that was not', async () => {
    const get = await api({
      permissions: {
        permissionsOf: () => {
          throw new Error('"database"');
        },
      },
    });
    const token = await issuer.accessToken();
    for (let time = 0; time < 3; time++) {
      const { status, body } = await get(`Bearer ${token}`);
      expect({ status, body }).toEqual({ status: 500, body: 'database' });
    }
  });
});
