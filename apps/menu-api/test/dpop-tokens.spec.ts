import { createDpopClient, createTestCertificate, type DpopClient } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dish, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let client: DpopClient;
beforeAll(async () => {
  api = await startApi();
  client = await createDpopClient();
});
afterAll(() => api.stop());

const bound = (): Promise<string> => api.admin({ cnf: { jkt: client.jkt } });
const proofFor = (token: string, method: string, path: string): string =>
  client.proof({ method, url: `${api.url}${path}`, token });
const sent = (token: string, proof: string) => ({
  headers: { authorization: `DPoP ${token}`, dpop: proof },
});

describe('a token bound to its client’s key', () => {
  it('opens with a proof what its bearer may do, and whoami says how it came', async () => {
    const token = await bound();
    const proof = proofFor(token, 'GET', '/api/whoami');
    const response = await api.call('GET', '/api/whoami?a=query', sent(token, proof));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      via: 'dpop',
      bindings: ['dpop'],
      tokenKind: 'access_token',
    });
    const create = proofFor(token, 'POST', '/api/menu/items');
    const created = await api.call('POST', '/api/menu/items', { json: dish(), ...sent(token, create) });
    expect(created.status).toBe(201);
  });

  it('is refused with a proof that was used, and let in with the next', async () => {
    const token = await bound();
    const proof = proofFor(token, 'GET', '/api/whoami');
    const first = await api.call('GET', '/api/whoami', sent(token, proof));
    const second = await api.call('GET', '/api/whoami', sent(token, proof));
    const next = await api.call('GET', '/api/whoami', sent(token, proofFor(token, 'GET', '/api/whoami')));
    expect([first.status, second.status, next.status]).toEqual([200, 401, 200]);
    expect(second.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="[^"]+", resource_metadata="[^"]+", DPoP realm="[^"]+", resource_metadata="[^"]+", error="invalid_dpop_proof", error_description="[^"]+", algs="[^"]+"$/,
    );
  });

  it.each<[string, (token: string) => string]>([
    ['another method', (token) => proofFor(token, 'POST', '/api/whoami')],
    ['another path', (token) => proofFor(token, 'GET', '/api/menu/items')],
    [
      'another API',
      (token) => client.proof({ method: 'GET', url: 'https://other.example/api/whoami', token }),
    ],
    ['another token', () => proofFor('another', 'GET', '/api/whoami')],
    ['none at all', () => ''],
  ])('is refused with a proof for %s', async (_what, proof) => {
    const token = await bound();
    const response = await api.call('GET', '/api/whoami', sent(token, proof(token)));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_dpop_proof"');
  });

  it('is refused as a plain bearer, under the scheme it came by', async () => {
    const response = await api.call('GET', '/api/whoami', { token: await bound() });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="[^"]+", resource_metadata="[^"]+", error="invalid_token", error_description="[^"]+", DPoP realm="[^"]+", resource_metadata="[^"]+", algs="[^"]+"$/,
    );
  });

  it('shows its refusal to the dashboard', async () => {
    const origin = 'http://localhost:4040';
    const headers = {
      origin,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'dpop',
    };
    const preflight = await api.call('OPTIONS', '/api/whoami', { headers });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('dpop');
    const refused = await api.call('GET', '/api/whoami', { headers: { origin } });
    const exposed = refused.headers.get('access-control-expose-headers')?.toLowerCase().split(/, ?/);
    expect(exposed).toEqual(expect.arrayContaining(['www-authenticate', 'dpop-nonce']));
  });
});

describe('an unbound token', () => {
  it('is refused under DPoP, whatever comes with it, and let in as a bearer', async () => {
    const token = await api.admin();
    const proof = proofFor(token, 'GET', '/api/whoami');
    const response = await api.call('GET', '/api/whoami', sent(token, proof));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(
      /DPoP realm="[^"]+", resource_metadata="[^"]+", error="invalid_token"/,
    );
    expect((await api.call('GET', '/api/whoami', { token })).status).toBe(200);
  });
});

describe('a token bound to a certificate', () => {
  it('is refused: no connection to this API has one', async () => {
    const { x5tS256 } = await createTestCertificate();
    const token = await api.admin({ cnf: { 'x5t#S256': x5tS256 } });
    expect((await api.call('GET', '/api/whoami', { token })).status).toBe(401);
  });
});

describe('an API behind a proxy', () => {
  it('judges a proof by its own public address, never by the request’s host', async () => {
    const PUBLIC_URL = 'http://localhost:1234';
    const behind = await startApi({ PUBLIC_URL });
    try {
      const token = await behind.admin({ cnf: { jkt: client.jkt } });
      const whoami = (url: string) =>
        behind.call('GET', '/api/whoami', sent(token, client.proof({ method: 'GET', url, token })));
      expect((await whoami(`${PUBLIC_URL}/api/whoami`)).status).toBe(200);
      expect((await whoami(`${behind.url}/api/whoami`)).status).toBe(401);
    } finally {
      await behind.stop();
    }
  });
});
