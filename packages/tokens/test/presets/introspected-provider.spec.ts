import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVerifier, type VerifierOptions } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { introspected } from './fixtures/authentik.ts';

const { iss: _iss, ...answer } = introspected;
const client = answer.client_id;
const authentication = { clientId: client, clientSecret: 'a-secret-of-the-test' };

/** Answers about whatever it is asked. */
let spoiled: Readonly<Record<string, unknown>> = {};
const server = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ ...answer, iss: issuer, exp: Date.now() / 1000 + 300, ...spoiled }));
});
let issuer: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  issuer = `http://127.0.0.1:${port}/application/o/menu/`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const options = (): VerifierOptions => ({
  issuer,
  audience: client,
  provider: 'authentik',
  tokenFormat: 'opaque',
  introspection: { endpoint: `${issuer}introspect/`, authentication },
});

async function verified(answered: Readonly<Record<string, unknown>> = {}) {
  spoiled = answered;
  const verifier = createVerifier(options());
  onTestFinished(() => verifier.close());
  return verifier.verify({ scheme: 'bearer', token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl' });
}

describe('authentik', () => {
  it('is asked about every token, though its answer has a nonce and its client for audience', async () => {
    const { subject, client: caller, kind, scopes, claimedRoles } = await verified();
    expect({ subject, caller, kind }).toEqual({ subject: answer.sub, caller: client, kind: 'user' });
    expect([...(scopes ?? [])]).toEqual(['openid', 'profile']);
    expect([...(claimedRoles ?? [])]).toEqual(['menu-editors']);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['of another provider', { aud: 'another-client' }, 'ERR_AUDIENCE_MISMATCH'],
    ['that is not active', { active: false }, 'ERR_TOKEN_INACTIVE'],
    ['of another issuer', { iss: 'https://evil.example/' }, 'ERR_TOKEN_UNTRUSTED'],
    ['that says it is a refresh token', { token_type: 'refresh_token' }, 'ERR_TOKEN_KIND_REFUSED'],
  ])('refuses a token %s', async (_what, answered, code) => {
    await expect(verified(answered)).rejects.toMatchObject({ code });
  });

  it.each(['jwt', 'both'] as const)('is refused at the start with the token format %s', (tokenFormat) => {
    expect(() => createVerifier({ ...options(), tokenFormat })).toThrow(
      /tokenFormat.*opaque.*access tokens and ID tokens/,
    );
  });
});
