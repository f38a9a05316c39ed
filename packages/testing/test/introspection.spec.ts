import { importPKCS8 } from 'jose';
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  discovery,
  PrivateKeyJwt,
  tokenIntrospection,
  type ClientAuth,
} from 'openid-client';
import { createDpopClient, createTestKey, spoiled, type TestIssuer } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { started } from './started.ts';

const authentications: readonly [string, (issuer: TestIssuer) => Promise<ClientAuth>][] = [
  ['client_secret_basic', async ({ introspectionClient: client }) => ClientSecretBasic(client.clientSecret)],
  ['client_secret_post', async ({ introspectionClient: client }) => ClientSecretPost(client.clientSecret)],
  [
    'private_key_jwt',
    async ({ introspectionClient: { key } }) => {
      const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return PrivateKeyJwt({ key: await importPKCS8(pem, key.algorithm), kid: key.kid });
    },
  ],
];

describe.each(authentications)('a client that is not ours, by %s', (_method, authentication) => {
  it('is told of opaque tokens, signed ones, and none that is unknown', async () => {
    const issuer = await started();
    const client = await discovery(
      new URL(issuer.issuer),
      issuer.introspectionClient.clientId,
      undefined,
      await authentication(issuer),
      { execute: [allowInsecureRequests] },
    );
    const opaque = issuer.opaqueToken({ scope: 'read:items' });
    expect(await tokenIntrospection(client, opaque)).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: issuer.issuer,
      sub: 'user|1',
      client_id: 'test-client',
      aud: issuer.audience,
      iat: expect.any(Number),
      exp: expect.any(Number),
      jti: expect.any(String),
      scope: 'read:items',
    });
    const signed = await issuer.accessToken({ scope: 'a' });
    expect(await tokenIntrospection(client, signed)).toMatchObject({ active: true, scope: 'a' });
    expect(await tokenIntrospection(client, 'unknown')).toEqual({ active: false });
    expect(issuer.visits.introspection).toBe(3);
  });
});

/** The answer to the right client. */
async function told(issuer: TestIssuer, token: string): Promise<unknown> {
  const { clientId, clientSecret } = issuer.introspectionClient;
  const answer = await post(issuer, { client_id: clientId, client_secret: clientSecret, token });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  return answer.json();
}

function post(issuer: TestIssuer, form: Record<string, string> | string, authorization?: string) {
  return fetch(issuer.introspectionEndpoint, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams(form),
  });
}

describe('a token at introspection', () => {
  it('that is revoked is inactive, and no other with it', async () => {
    const issuer = await started();
    const tokens = [issuer.opaqueToken(), await issuer.accessToken()];
    const others = [issuer.opaqueToken(), await issuer.accessToken()];
    for (const token of tokens) {
      expect(await told(issuer, token)).toMatchObject({ active: true });
      issuer.revoke(token);
      expect(await told(issuer, token)).toEqual({ active: false });
    }
    for (const token of others) expect(await told(issuer, token)).toMatchObject({ active: true });
  });

  it('that is over, or not valid yet, is inactive', async () => {
    const issuer = await started();
    const now = Math.floor(Date.now() / 1000);
    for (const [claims, active] of [
      [{ exp: now - 1 }, false],
      [{ nbf: now + 60 }, false],
      [{ exp: now + 60, nbf: now - 1 }, true],
      [{ exp: undefined }, true],
    ] as const) {
      expect(await told(issuer, issuer.opaqueToken(claims))).toMatchObject({ active });
      expect(await told(issuer, await issuer.accessToken(claims))).toMatchObject({ active });
    }
  });

  it('has the claims that were asked for, however wrong, and leaves out what is undefined', async () => {
    const issuer = await started();
    const answer = await told(
      issuer,
      issuer.opaqueToken({ aud: ['a', 'b'], sub: undefined, exp: 'soon', active: 'yes' }),
    );
    expect(answer).toMatchObject({ aud: ['a', 'b'], exp: 'soon', active: 'yes' });
    expect(answer).not.toHaveProperty('sub');
  });

  it('that is bound by DPoP says so', async () => {
    const issuer = await started();
    const cnf = { jkt: (await createDpopClient()).jkt };
    const bound = { active: true, token_type: 'DPoP', cnf };
    expect(await told(issuer, issuer.opaqueToken({ cnf }))).toMatchObject(bound);
    expect(await told(issuer, await issuer.accessToken({ cnf }))).toMatchObject(bound);
    const certificate = issuer.opaqueToken({ cnf: { 'x5t#S256': 'a' } });
    expect(await told(issuer, certificate)).toMatchObject({ active: true, token_type: 'Bearer' });
  });

  it('that is no access token of this issuer is inactive', async () => {
    const issuer = await started();
    const good = await issuer.accessToken();
    const others = {
      'an ID token': await issuer.idToken(),
      'a refresh token': await issuer.refreshToken(),
      'one by another key': await issuer.accessToken({}, { key: await createTestKey('ES256') }),
      'one of another issuer': await issuer.accessToken({ iss: 'https://other.example/' }),
      'one by another server': await (await started()).accessToken(),
      'one in another spelling': spoiled.spelling(good),
      'one with other claims': spoiled.claims(good, { sub: 'admin' }),
      'one without signature': spoiled.unsigned(good),
      'one whose alg is wrong': await issuer.accessToken({}, { header: { alg: 'none' } }),
    };
    for (const [name, token] of Object.entries(others)) {
      expect(await told(issuer, token), name).toEqual({ active: false });
    }
    expect(await told(issuer, good)).toMatchObject({ active: true });
  });

  it('is inactive once its key is withdrawn, and not before', async () => {
    const issuer = await started();
    const token = await issuer.accessToken();
    await issuer.rotateKeys({ keep: true });
    expect(await told(issuer, token)).toMatchObject({ active: true });
    await issuer.rotateKeys();
    expect(await told(issuer, token)).toEqual({ active: false });
  });
});

describe('a client at introspection', () => {
  const encoded = (half: string): string => encodeURIComponent(half).replaceAll('%20', '+');
  const basic = (id: string, secret: string): string =>
    `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

  it('must form-encode id and secret before it joins them', async () => {
    const issuer = await started();
    const { clientId, clientSecret } = issuer.introspectionClient;
    const token = issuer.opaqueToken();
    const right = await post(issuer, { token }, basic(encoded(clientId), encoded(clientSecret)));
    expect(right.status).toBe(200);
    const wrong = [
      basic(clientId, clientSecret),
      basic(encoded(clientId), clientSecret),
      basic(encoded(clientId), encoded(`${clientSecret}.`)),
      basic(encoded(clientId), ''),
      basic(encoded('other'), encoded(clientSecret)),
      basic(encoded(clientId), '%'),
      'Basic ',
      'Basic a:b',
      'Bearer a',
    ];
    for (const authorization of wrong) {
      const answer = await post(issuer, { token }, authorization);
      expect(answer.status, authorization).toBe(401);
      expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
  });

  it('must know the secret in the form, too', async () => {
    const issuer = await started();
    const { clientId, clientSecret } = issuer.introspectionClient;
    const token = issuer.opaqueToken();
    const right = { client_id: clientId, client_secret: clientSecret, token };
    expect((await post(issuer, right)).status).toBe(200);
    for (const wrong of [
      { client_secret: 'a' },
      { client_id: 'a' },
      { client_id: '' },
      { client_secret: '' },
    ]) {
      expect((await post(issuer, { ...right, ...wrong })).status).toBe(401);
    }
    expect((await post(issuer, { token })).status).toBe(401);
  });

  it('must sign its assertion by its own key, for this issuer, and each for one use', async () => {
    const issuer = await started();
    const token = issuer.opaqueToken();
    const form = (assertion: string) => ({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      token,
    });
    const now = Math.floor(Date.now() / 1000);
    const once = await issuer.clientAssertion();
    expect((await post(issuer, form(once))).status).toBe(200);
    expect((await post(issuer, form(once))).status).toBe(401);
    const forEndpoint = await issuer.clientAssertion({ aud: [issuer.introspectionEndpoint] });
    expect((await post(issuer, form(forEndpoint))).status).toBe(200);
    const wrong = [
      issuer.clientAssertion({ aud: 'https://other.example' }),
      issuer.clientAssertion({ iss: 'other' }),
      issuer.clientAssertion({ sub: 'other' }),
      issuer.clientAssertion({ exp: undefined }),
      issuer.clientAssertion({ exp: now - 1 }),
      issuer.clientAssertion({ jti: undefined }),
      issuer.clientAssertion({ jti: 1 }),
      issuer.clientAssertion({}, { key: issuer.key }),
      issuer.clientAssertion({}, { header: { alg: 'none' } }),
      Promise.resolve('no assertion'),
    ];
    for (const [index, assertion] of (await Promise.all(wrong)).entries()) {
      expect((await post(issuer, form(assertion))).status, `assertion ${index}`).toBe(401);
    }
    const untyped = { client_assertion: await issuer.clientAssertion(), token };
    expect((await post(issuer, untyped)).status).toBe(401);
    const misnamed = { ...form(await issuer.clientAssertion()), client_id: 'other' };
    expect((await post(issuer, misnamed)).status).toBe(401);
  });

  it('must not authenticate itself twice', async () => {
    const issuer = await started();
    const { clientId, clientSecret } = issuer.introspectionClient;
    const form = { client_id: clientId, client_secret: clientSecret, token: 'a' };
    const answer = await post(issuer, form, basic(encoded(clientId), encoded(clientSecret)));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: 'invalid_request' });
  });

  it('may be one that the test chooses', async () => {
    const key = await createTestKey('RS256');
    const issuer = await started({ introspectionClient: { clientId: 'api', clientSecret: 'secret', key } });
    expect(issuer.introspectionClient).toEqual({ clientId: 'api', clientSecret: 'secret', key });
    const token = issuer.opaqueToken();
    expect((await post(issuer, { token }, basic('api', 'secret'))).status).toBe(200);
    const form = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await issuer.clientAssertion(),
      token,
    };
    expect((await post(issuer, form)).status).toBe(200);
  });

  it('must post a form with one token', async () => {
    const issuer = await started();
    const { clientId, clientSecret } = issuer.introspectionClient;
    const authorization = basic(encoded(clientId), encoded(clientSecret));
    for (const [form, status] of [
      ['token=a', 200],
      ['token=a&token_type_hint=access_token', 200],
      ['token=a&token=b', 400],
      ['', 400],
    ] as const) {
      expect((await post(issuer, form, authorization)).status, form).toBe(status);
    }
    const json = {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{}',
    };
    expect((await fetch(issuer.introspectionEndpoint, json)).status).toBe(400);
    const get = await fetch(issuer.introspectionEndpoint, { headers: { authorization } });
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
