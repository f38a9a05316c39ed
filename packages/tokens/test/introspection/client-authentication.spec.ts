import { text } from 'node:stream/consumers';
import { createTestKey, type TestIssuer } from '@portcullis/testing';
import { IssuerUnavailable, type ClientAuthentication } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { trust, verify } from '../trust.ts';
import { untyped } from '../untyped.ts';
import { issuing } from './asking.ts';

/** What this API shows itself by, and how it fares. */
async function asked(issuer: TestIssuer, authentication: ClientAuthentication, token = issuer.opaqueToken()) {
  const verifier = trust(issuer, { tokenFormat: 'opaque', introspection: { authentication } });
  return verify(verifier, token);
}

const bySecret = ({ introspectionClient: { clientId, clientSecret } }: TestIssuer) => ({
  clientId,
  clientSecret,
});

function byKey({ introspectionClient: { clientId, key } }: TestIssuer) {
  const { privateKey, algorithm, kid } = key;
  return { method: 'private_key_jwt', clientId, privateKey, algorithm, keyId: kid } as const;
}

describe('this API shows an introspection endpoint who it is', () => {
  it.each<[string, (issuer: TestIssuer) => ClientAuthentication]>([
    ['by default, by Basic', bySecret],
    ['by client_secret_basic', (issuer) => ({ method: 'client_secret_basic', ...bySecret(issuer) })],
    ['by client_secret_post', (issuer) => ({ method: 'client_secret_post', ...bySecret(issuer) })],
    ['by private_key_jwt', byKey],
    [
      'by private_key_jwt without a key id',
      ({ introspectionClient: { clientId, key } }) => ({
        method: 'private_key_jwt',
        clientId,
        privateKey: key.privateKey,
        algorithm: key.algorithm,
      }),
    ],
  ])('%s', async (_way, authentication) => {
    const issuer = await issuing();
    expect(await asked(issuer, authentication(issuer))).toMatchObject({ subject: 'user|1' });
  });

  it.each(['a:b', 'a+b c', '100%', '%41', 'ä€😀', '=&?#/', '"\\', "~!*'()"])(
    'though its id and its secret are %j',
    async (name) => {
      const issuer = await issuing({ introspectionClient: { clientId: name, clientSecret: `${name}s` } });
      for (const method of ['client_secret_basic', 'client_secret_post'] as const) {
        expect(await asked(issuer, { method, ...bySecret(issuer) })).toMatchObject({ subject: 'user|1' });
      }
    },
  );

  it('by another assertion each time: the issuer takes each once', async () => {
    const issuer = await issuing();
    const verifier = trust(issuer, {
      tokenFormat: 'opaque',
      introspection: { authentication: byKey(issuer), maxAge: 0 },
    });
    const token = issuer.opaqueToken();
    for (let time = 0; time < 3; time++) expect(await verify(verifier, token)).toBeDefined();
    expect(issuer.visits.introspection).toBe(3);
  });
});

describe('an assertion', () => {
  it.each(['key-1', undefined])(
    'is of the client alone, for the issuer alone, by the key %j',
    async (keyId) => {
      const issuer = await issuing();
      const { keyId: _kid, ...authentication } = byKey(issuer);
      const assertions: string[] = [];
      issuer.answerIntrospectionWith((request, response) => {
        void text(request).then((form) => {
          assertions.push(new URLSearchParams(form).get('client_assertion') ?? '');
          response.end('{"active":false}');
        });
      });
      const named = keyId === undefined ? authentication : { ...authentication, keyId };
      await expect(asked(issuer, named, 'token')).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
      const [header, payload] = (assertions[0] ?? '')
        .split('.', 2)
        .map((part): unknown => JSON.parse(Buffer.from(part, 'base64url').toString()));
      const { clientId } = issuer.introspectionClient;
      const iat = expect.any(Number) as unknown;
      expect(header).toEqual({ alg: 'ES256', ...(keyId === undefined ? {} : { kid: keyId }) });
      expect(payload).toEqual({
        iss: clientId,
        sub: clientId,
        aud: issuer.issuer,
        iat,
        exp: iat,
        jti: expect.stringMatching(/^[\da-f-]{36}$/) as unknown,
      });
    },
  );
});

describe('an endpoint that does not know this API', () => {
  it.each<[string, (issuer: TestIssuer) => ClientAuthentication | Promise<ClientAuthentication>]>([
    ['a wrong secret by Basic', (issuer) => ({ ...bySecret(issuer), clientSecret: 'wrong' })],
    [
      'a wrong secret by post',
      (issuer) => ({ ...bySecret(issuer), method: 'client_secret_post', clientSecret: 'wrong' }),
    ],
    ['another client', (issuer) => ({ ...bySecret(issuer), clientId: 'somebody' })],
    [
      'another key',
      async (issuer) => ({ ...byKey(issuer), privateKey: (await createTestKey('ES256')).privateKey }),
    ],
    ['a key of another client', (issuer) => ({ ...byKey(issuer), clientId: 'somebody' })],
  ])('is a fault of the set-up, not of the caller: %s', async (_fault, authentication) => {
    const issuer = await issuing();
    const token = issuer.opaqueToken();
    const refusal = await asked(issuer, await authentication(issuer), token).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(IssuerUnavailable);
    expect(refusal).toMatchObject({
      code: 'ERR_ISSUER_UNAVAILABLE',
      retryAfter: 2,
      hint: expect.stringContaining('"introspection.authentication"') as unknown,
    });
    expect(await asked(issuer, bySecret(issuer), token)).toMatchObject({ subject: 'user|1' });
  });

  it('has none of it told to the client', async () => {
    const issuer = await issuing();
    const authentication = { clientId: 'the-client-id', clientSecret: 'the-secret' };
    const refusal = await asked(issuer, authentication).catch((error: unknown) => error);
    expect(String(refusal)).toContain('status 401');
    expect(String(refusal)).not.toMatch(/the-client-id|the-secret|authentication/);
  });
});

describe('how this API shows itself', () => {
  const clientId = 'api';
  it.each<[RegExp, Readonly<Record<string, unknown>> | null | undefined]>([
    [/"introspection.authentication"/, undefined],
    [/"introspection.authentication"/, null],
    [/"introspection.authentication.clientId"/, { clientSecret: 's' }],
    [/"introspection.authentication.clientId"/, { clientId: '', clientSecret: 's' }],
    [/"introspection.authentication.clientSecret"/, { clientId }],
    [/"introspection.authentication.clientSecret"/, { clientId, clientSecret: '' }],
    [/"introspection.authentication.privateKey"/, { clientId, method: 'private_key_jwt' }],
    [/"introspection.authentication.method"/, { clientId, method: 'none', clientSecret: 's' }],
    [/"introspection.authentication.algorithm"/, { clientId, method: 'private_key_jwt', algorithm: 'HS256' }],
  ])('is refused at the start with %s for %j', async (message, authentication) => {
    const issuer = await issuing();
    const options = untyped({ tokenFormat: 'opaque', introspection: { authentication } });
    expect(() => trust(issuer, options)).toThrow(TypeError);
    expect(() => trust(issuer, options)).toThrow(message);
  });

  it('takes a private key for an assertion and no public one', async () => {
    const issuer = await issuing();
    const { publicKey } = issuer.introspectionClient.key;
    const authentication = { ...byKey(issuer), privateKey: publicKey };
    expect(() => trust(issuer, { tokenFormat: 'opaque', introspection: { authentication } })).toThrow(
      /privateKey/,
    );
    expect(await asked(issuer, byKey(issuer))).toBeDefined();
  });

  it('takes no algorithm that the key cannot sign with, the default included', async () => {
    const issuer = await issuing();
    const { algorithm: _ES256, ...authentication } = byKey(issuer);
    for (const wrong of [authentication, { ...authentication, algorithm: 'ES384' as const }]) {
      const introspection = { authentication: wrong };
      expect(() => trust(issuer, { tokenFormat: 'opaque', introspection })).toThrow(
        /"introspection.authentication.algorithm"/,
      );
    }
    expect(await asked(issuer, byKey(issuer))).toBeDefined();
  });
});
