import { decodeProtectedHeader, errors, jwtVerify, type JWTVerifyOptions } from 'jose';
import { createTestKey, type Mint, type TestIssuer } from '@portcullis/testing';
import { describe, expect, it } from 'vitest';
import { started } from './started.ts';

type Kind = {
  [Member in keyof TestIssuer]: TestIssuer[Member] extends Mint ? Member : never;
}[keyof TestIssuer];

/** What each kind's own reader demands, and a claim that shows what it is. */
const kinds: Readonly<
  Record<Kind, JWTVerifyOptions & { readonly audience: string; readonly shown: object }>
> = {
  accessToken: {
    typ: 'at+jwt',
    audience: 'https://api.example',
    requiredClaims: ['exp', 'sub', 'iat', 'jti'], // RFC 9068 2.2
    shown: { client_id: 'test-client' },
  },
  idToken: {
    typ: 'JWT',
    audience: 'test-client',
    requiredClaims: ['exp', 'sub', 'iat', 'sid'],
    shown: { nonce: expect.any(String), auth_time: expect.any(Number) },
  },
  refreshToken: { typ: 'JWT', audience: 'ISSUER', requiredClaims: ['exp', 'jti'], shown: { typ: 'Refresh' } },
  logoutToken: {
    typ: 'logout+jwt',
    audience: 'test-client',
    requiredClaims: ['exp', 'sub', 'iat', 'jti', 'sid'],
    shown: { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
  },
  userinfo: { typ: 'JWT', audience: 'test-client', shown: { email: 'user@example.com' } },
  authorizationResponse: {
    typ: 'JWT',
    audience: 'test-client',
    requiredClaims: ['exp'],
    shown: { code: expect.any(String), state: expect.any(String) },
  },
  introspectionResponse: {
    typ: 'token-introspection+jwt',
    audience: 'urn:test:api',
    requiredClaims: ['iat'],
    shown: { token_introspection: expect.objectContaining({ active: true }) },
  },
  securityEvent: {
    typ: 'secevent+jwt',
    audience: 'https://api.example',
    requiredClaims: ['iat', 'jti'],
    shown: { events: expect.any(Object) },
  },
  clientAssertion: {
    typ: 'JWT',
    audience: 'ISSUER',
    issuer: 'urn:test:api',
    subject: 'urn:test:api',
    requiredClaims: ['exp', 'jti'],
    shown: {},
  },
};
const names = Object.keys(kinds) as Kind[];

describe.each(names)('the kind %s', (kind) => {
  it('is valid to another library, by what its own reader demands', async () => {
    const own = await started();
    const { audience, shown, ...demands } = kinds[kind];
    const signer = kind === 'clientAssertion' ? own.introspectionClient.key : own.key;
    const { payload } = await jwtVerify(await own[kind](), signer.publicKey, {
      issuer: own.issuer,
      ...demands,
      audience: audience === 'ISSUER' ? own.issuer : audience,
    });
    expect(payload).toMatchObject(shown);
  });

  it('takes what is spoiled: a claim, the header, who signs', async () => {
    const own = await started();
    const key = await createTestKey('ES256');
    const token = await own[kind]({ iss: undefined, x: 1 }, { header: { typ: undefined, y: 2 }, key });
    const { payload, protectedHeader } = await jwtVerify(token, key.publicKey);
    expect(payload).toMatchObject({ x: 1 });
    expect(payload).not.toHaveProperty('iss');
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: key.kid, y: 2 });
    await expect(jwtVerify(token, own.key.publicKey)).rejects.toBeInstanceOf(
      errors.JWSSignatureVerificationFailed,
    );
  });
});

describe('each token', () => {
  it('of a kind that has a jti has another one', async () => {
    const { accessToken } = await started();
    expect(await accessToken({ iat: 1, exp: 2 })).not.toBe(await accessToken({ iat: 1, exp: 2 }));
  });

  it('names the key by which it is signed', async () => {
    const issuer = await started();
    expect(decodeProtectedHeader(await issuer.idToken()).kid).toBe(issuer.key.kid);
    await issuer.rotateKeys();
    expect(decodeProtectedHeader(await issuer.idToken()).kid).toBe(issuer.key.kid);
  });
});
