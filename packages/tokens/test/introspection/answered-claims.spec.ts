import { describe, expect, it } from 'vitest';
import { verify } from '../trust.ts';
import { asking } from './asking.ts';

const seconds = (): number => Math.floor(Date.now() / 1000);

describe('what an introspection endpoint says of an active token', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['nothing spoiled', {}],
    ['no iss: whom we asked is meant', { iss: undefined }],
    ['this API among others', { aud: ['https://other.example', 'https://api.example'] }],
    ['no jti and no iat', { jti: undefined, iat: undefined }],
  ])('passes with %s, asked and remembered', async (_case, claims) => {
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken(claims);
    for (let time = 0; time < 2; time++) {
      expect(await verify(verifier, token)).toMatchObject({ issuer: issuer.issuer, subject: 'user|1' });
    }
    expect(issuer.visits.introspection).toBe(1);
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['another issuer', { iss: 'https://evil.example/' }, 'ERR_TOKEN_UNTRUSTED'],
    ['an issuer that is no text', { iss: null }, 'ERR_TOKEN_UNTRUSTED'],
    ['another API', { aud: 'https://other.example' }, 'ERR_AUDIENCE_MISMATCH'],
    ['no API', { aud: undefined }, 'ERR_CLAIM_INVALID'],
    ['an empty list of APIs', { aud: [] }, 'ERR_CLAIM_INVALID'],
    ['no exp', { exp: undefined }, 'ERR_CLAIM_INVALID'],
    ['an exp that is text', { exp: '9999999999' }, 'ERR_CLAIM_INVALID'],
    ['an iat ahead', { iat: seconds() + 90 }, 'ERR_TOKEN_NOT_YET_VALID'],
    ['an auth_time that is text', { auth_time: 'today' }, 'ERR_CLAIM_INVALID'],
    ['no subject and no client', { sub: undefined, client_id: undefined }, 'ERR_CLAIM_INVALID'],
    ['an empty subject', { sub: '' }, 'ERR_CLAIM_INVALID'],
    ['a null subject', { sub: null }, 'ERR_CLAIM_INVALID'],
    ['a list of scopes', { scope: ['read'] }, 'ERR_CLAIM_INVALID'],
    ['a refresh token by token_type', { token_type: 'refresh_token' }, 'ERR_TOKEN_KIND_REFUSED'],
    ['a refresh token by token_use', { token_use: 'refresh_token' }, 'ERR_TOKEN_KIND_REFUSED'],
    ['a refresh token by typ', { typ: 'Refresh' }, 'ERR_TOKEN_KIND_REFUSED'],
    ['an ID token', { nonce: 'n' }, 'ERR_TOKEN_KIND_REFUSED'],
    ['a binding that nobody enforces', { cnf: { jkt: 'A'.repeat(43) } }, 'ERR_BINDING_REFUSED'],
  ])('is refused with %s, however often it is sent', async (_case, claims, code) => {
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken(claims);
    for (let time = 0; time < 3; time++) {
      await expect(verify(verifier, token)).rejects.toMatchObject({ code });
    }
  });

  it('is refused before its nbf, though the endpoint calls it active', async () => {
    const { issuer, verifier } = await asking();
    const claims = { active: true, sub: 'user|1', aud: issuer.audience, exp: seconds() + 600 };
    issuer.answerIntrospectionWith({ status: 200, body: { ...claims, nbf: seconds() + 90 } });
    await expect(verify(verifier, 'early')).rejects.toMatchObject({ code: 'ERR_TOKEN_NOT_YET_VALID' });
    issuer.answerIntrospectionWith({ status: 200, body: { ...claims, nbf: seconds() - 90 } });
    expect(await verify(verifier, 'late')).toMatchObject({ subject: 'user|1' });
  });

  it('is refused by the name of the claim that is wrong', async () => {
    const { issuer, verifier } = await asking();
    const nobody = issuer.opaqueToken({ sub: undefined, client_id: undefined });
    await expect(verify(verifier, nobody)).rejects.toMatchObject({ claim: 'client_id' });
    await expect(verify(verifier, issuer.opaqueToken({ sub: 7 }))).rejects.toMatchObject({ claim: 'sub' });
  });

  it('may leave out both iss and sub: that makes no client assertion of it', async () => {
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken({ iss: undefined, sub: undefined, client_id: 'batch' });
    expect(await verify(verifier, token)).toMatchObject({ issuer: issuer.issuer, subject: 'batch' });
  });

  it.each(['Bearer', 'bearer', undefined])('may call the token %s', async (token_type) => {
    const { issuer, verifier } = await asking();
    expect(await verify(verifier, issuer.opaqueToken({ token_type }))).toBeDefined();
  });

  it('is what the client was granted, asked and remembered alike', async () => {
    const { issuer, verifier } = await asking();
    const [reading, silent] = [issuer.opaqueToken({ scope: 'read write' }), issuer.opaqueToken()];
    for (let time = 0; time < 2; time++) {
      expect([...((await verify(verifier, reading)).scopes ?? [])]).toEqual(['read', 'write']);
      expect((await verify(verifier, silent)).scopes).toBeUndefined();
    }
    expect(issuer.visits.introspection).toBe(2);
  });

  it('is of a machine when it names a client and no subject', async () => {
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken({ sub: undefined, client_id: 'batch' });
    expect(await verify(verifier, token)).toMatchObject({
      kind: 'machine',
      subject: 'batch',
      client: 'batch',
    });
    expect(await verify(verifier, issuer.opaqueToken({ client_id: 'batch' }))).toMatchObject({
      kind: 'user',
      subject: 'user|1',
      client: 'batch',
    });
  });

  it('means nothing when the token is not active', async () => {
    const { issuer, verifier } = await asking();
    const claims = { sub: 'user|1', aud: issuer.audience, exp: seconds() + 60 };
    issuer.answerIntrospectionWith({ status: 200, body: { active: false, ...claims } });
    await expect(verify(verifier, 'token')).rejects.toMatchObject({
      code: 'ERR_TOKEN_INACTIVE',
      error: 'invalid_token',
    });
    issuer.answerIntrospectionWith({ status: 200, body: { active: true, ...claims } });
    expect(await verify(verifier, 'token')).toMatchObject({ subject: 'user|1' });
  });

  it('is frozen, and has no member that was not sent', async () => {
    const { issuer, verifier } = await asking();
    const { claims } = await verify(verifier, issuer.opaqueToken({ extra: { deep: [1] } }));
    expect(Object.isFrozen(claims)).toBe(true);
    expect(Object.isFrozen(claims['extra'])).toBe(true);
    expect(claims['constructor']).toBeUndefined();
  });
});
