import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { auth, claimIncludes, requiredScopes } from 'express-oauth2-jwt-bearer';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADMIN, GUEST, MACHINE_SECRET, startForTest } from './support/identity.ts';
import { logIn, MENU_API, token, type Tokens } from './support/login.ts';

// Auth0's own middleware, as an API would use it; `strict` wants tokens by RFC 9068.

let identity: Awaited<ReturnType<typeof startForTest>>;
let server: Server;
let issuer: string;
let api: string;

beforeAll(async () => {
  identity = await startForTest();
  issuer = identity.url;
  const app = express();
  const guarded = (strict: boolean) => auth({ issuerBaseURL: issuer, audience: MENU_API, strict });
  app.get('/strict', guarded(true), (request, response) => void response.json(request.auth?.payload));
  app.get('/lenient', guarded(false), (request, response) => void response.json(request.auth?.payload));
  app.get(
    '/scope',
    guarded(true),
    requiredScopes('create:items'),
    (_request, response) => void response.end(),
  );
  app.get(
    '/permission',
    guarded(true),
    claimIncludes('permissions', 'create:items'),
    (_request, response) => void response.end(),
  );
  // The last middleware, so that no trace of ours is written to standard error.
  app.use(
    (
      error: { status?: number; headers?: object },
      _request: express.Request,
      response: express.Response,
      _next: express.NextFunction,
    ) =>
      void response
        .status(error.status ?? 500)
        .set(error.headers)
        .end(),
  );
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await identity.stop();
});

const COMMAND_LINE = { client_id: 'wab-cli', redirect_uri: 'http://127.0.0.1:53117/callback' };

const call = (path: string, accessToken?: string) =>
  fetch(
    `${api}${path}`,
    accessToken === undefined ? {} : { headers: { Authorization: `Bearer ${accessToken}` } },
  );

const tokenOf = async (user: typeof ADMIN, scope: string, client: Record<string, string> = COMMAND_LINE) =>
  (await logIn(issuer, user, { ...client, scope })).tokens.access_token;

describe('express-oauth2-jwt-bearer', () => {
  it('accepts a user’s token in its strict mode, and reads who and what', async () => {
    const response = await call('/strict', await tokenOf(ADMIN, 'openid create:items'));
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { iss: issuer, aud: MENU_API, client_id: 'wab-cli', permissions: ['create:items'] },
    ]);
  });

  it('accepts a token of plain OAuth, which nobody asked an ID token with', async () => {
    for (const client of [COMMAND_LINE, {}]) {
      const { tokens } = await logIn(issuer, ADMIN, { ...client, scope: 'create:items', nonce: '' });
      expect(tokens.id_token).toBeUndefined();
      expect((await call('/lenient', tokens.access_token)).status).toBe(200);
    }
  });

  it('accepts a machine’s token', async () => {
    const form = { client_id: 'wab-machine', client_secret: MACHINE_SECRET, audience: MENU_API };
    const response = await token(issuer, { grant_type: 'client_credentials', ...form });
    const { access_token } = (await response.json()) as Tokens;
    expect((await call('/strict', access_token)).status).toBe(200);
    expect((await call('/permission', access_token)).status).toBe(200);
  });

  it('accepts a token in Auth0’s dialect where it is not strict', async () => {
    const accessToken = await tokenOf(ADMIN, 'openid', {});
    expect((await call('/lenient', accessToken)).status).toBe(200);
    expect((await call('/strict', accessToken)).status).toBe(401);
  });

  it.each([
    ['/scope', 403],
    ['/permission', 401],
  ])('answers as it does for Auth0 who lacks what %s needs', async (path, status) => {
    const [admin, guest] = [
      await tokenOf(ADMIN, 'openid create:items'),
      await tokenOf(GUEST, 'openid create:items'),
    ];
    expect((await call(path, admin)).status).toBe(200);
    expect((await call(path, guest)).status).toBe(status);
  });

  it('refuses an ID token, a token for nobody, and none at all', async () => {
    const { tokens } = await logIn(issuer, ADMIN, COMMAND_LINE);
    const opaque = (await logIn(issuer, ADMIN, { ...COMMAND_LINE, audience: '', scope: 'openid' })).tokens;
    for (const other of [tokens.id_token, opaque.access_token, undefined]) {
      const response = await call('/strict', other);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^(Bearer|DPoP)/);
    }
  });

  it('accepts a bound token with its proof, and not without', async () => {
    const configuration = await openid.discovery(
      new URL(issuer),
      'wab-machine',
      undefined,
      openid.ClientSecretPost(MACHINE_SECRET),
      { execute: [openid.allowInsecureRequests] },
    );
    const DPoP = openid.getDPoPHandle(configuration, await openid.randomDPoPKeyPair('ES256'));
    const { access_token } = await openid.clientCredentialsGrant(
      configuration,
      { resource: MENU_API },
      { DPoP },
    );
    const url = new URL(`${api}/strict`);
    const ask = openid.fetchProtectedResource(configuration, access_token, url, 'GET', null, undefined, {
      DPoP,
    });
    expect((await ask).status).toBe(200);
    expect((await call('/strict', access_token)).status).toBe(401);
  });
});
