import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createTestIssuer, createTestKey } from '@portcullis/testing';
import { createVerifier, type Verifier } from '@portcullis/tokens';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';

/** A host that keeps tenants under one path, and what its users upload under another. */
async function host() {
  const key = await createTestKey('ES256');
  const visited: string[] = [];
  let named = '';
  const server = createServer((request, response) => {
    visited.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    if (request.url === '/keys') return void response.end(JSON.stringify({ keys: [key.publicJwk] }));
    response.end(JSON.stringify({ issuer: named, jwks_uri: `${origin}/keys` }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const mint = await createTestIssuer({ algorithm: 'ES256', audience: 'https://api.example' });
  onTestFinished(() => mint.stop());
  return {
    origin,
    visited,
    async tokenOf(iss: string): Promise<string> {
      named = iss;
      return mint.accessToken({ iss }, { key, header: { kid: key.kid } });
    },
  };
}

function trusting(prefix: string, asked: string[] = []): Verifier {
  const verifier = createVerifier({
    audience: 'https://api.example',
    issuer: (issuer) => {
      asked.push(issuer);
      return issuer.startsWith(prefix) ? { issuer } : undefined;
    },
  });
  onTestFinished(() => verifier.close());
  return verifier;
}

describe('a resolver that goes by what a name begins with', () => {
  it.each(['/tenants/a', '/tenants/a/', '/tenants/a.b/..c', '/tenants/a%2Fb'])('trusts %s', async (path) => {
    const { origin, tokenOf } = await host();
    const verifier = trusting(`${origin}/tenants/`);
    const issuer = `${origin}${path}`;
    expect(await verify(verifier, await tokenOf(issuer))).toMatchObject({ issuer });
  });

  it.each([
    '/tenants/../uploads/a',
    '/tenants/./a',
    '/tenants/%2e%2E/uploads/a',
    '/tenants/.%2e/uploads/a',
    '/tenants/a/..',
    '/tenants/\t../uploads/a',
    '/tenants/..\\uploads/a',
    '/tenants/a?',
    '/tenants/a#',
    '/tenants/a?b',
  ])('is not asked about %s, nor is anything fetched', async (path) => {
    const { origin, visited, tokenOf } = await host();
    const asked: string[] = [];
    const verifier = trusting(`${origin}/tenants/`, asked);
    await expect(verify(verifier, await tokenOf(`${origin}${path}`))).rejects.toMatchObject({
      code: 'ERR_TOKEN_UNTRUSTED',
    });
    expect(asked).toEqual([]);
    expect(visited).toEqual([]);
  });
});

describe('an issuer in the options', () => {
  const start = (issuer: string) => (): void =>
    createVerifier({ issuer, audience: 'https://api.example' }).close();

  it.each(['https://login.example', 'https://login.example:443/a', 'https://login.example/a..b/.c'])(
    'may be %s',
    (issuer) => {
      expect(start(issuer)).not.toThrow();
    },
  );

  it.each([
    'https://login.example/?',
    'https://login.example/#',
    'https://login.example/a/../b',
    'https://login.example/%2e/b',
    'https://login.example\\a',
    ' https://login.example/',
    'https:login.example',
  ])('may not be %s', (issuer) => {
    expect(start(issuer)).toThrow(/"issuer"/);
  });
});

describe('a resolver', () => {
  it('that never answers holds nobody up for longer than a request may take', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => issuer.stop());
    let hangs = true;
    const verifier = createVerifier({
      audience: issuer.audience,
      requestTimeout: 100,
      issuer: (named) => (hangs ? new Promise(() => undefined) : { issuer: named }),
    });
    onTestFinished(() => verifier.close());
    const token = await issuer.accessToken();
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    hangs = false;
    expect(await verify(verifier, token)).toMatchObject({ issuer: issuer.issuer });
  });

  it('whose answer comes after the end starts nothing any more', async () => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => issuer.stop());
    const verifier = createVerifier({ audience: issuer.audience, issuer: (named) => ({ issuer: named }) });
    const token = await issuer.accessToken();
    verifier.close();
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    expect(issuer.visits).toMatchObject({ discovery: 0, keys: 0 });
  });
});
