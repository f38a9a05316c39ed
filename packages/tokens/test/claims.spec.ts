import { createTestIssuer, signRaw, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

const now = (): number => Math.floor(Date.now() / 1000);

async function codeOf(claims: Record<string, unknown>): Promise<unknown> {
  const token = await issuer.accessToken(claims);
  return verify(trust(issuer), token).then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

describe('the claims of a token', () => {
  it.each<[string, Record<string, unknown>]>([
    ['nothing spoiled', {}],
    ['this API among others', { aud: ['https://other.example', 'https://api.example'] }],
    ['an expiry 3 seconds past', { exp: now() - 3 }],
    ['an nbf 3 seconds ahead', { nbf: now() + 3 }],
    ['no iat', { iat: undefined }],
    ['no jti and no client', { jti: undefined, client_id: undefined }],
    ['an auth_time', { auth_time: 1 }],
    ['a subject of 255 characters', { sub: 's'.repeat(255) }],
    ['an own __proto__', JSON.parse('{"__proto__":{"sub":"admin"}}') as Record<string, unknown>],
  ])('pass with %s', async (_case, claims) => {
    expect(await codeOf(claims)).toBe('accepted');
  });

  it.each<[string, unknown]>([
    ['aud', undefined],
    ['aud', null],
    ['aud', ''],
    ['aud', []],
    ['aud', ['']],
    ['aud', 7],
    ['aud', ['https://api.example', 7]],
    ['aud', [['https://api.example']]],
    ['aud', { 'https://api.example': true }],
    ['exp', undefined],
    ['exp', null],
    ['exp', String(now() + 600)],
    ['exp', [now() + 600]],
    ['nbf', 'soon'],
    ['nbf', null],
    ['iat', 'now'],
    ['iat', null],
    ['auth_time', 'today'],
    ['sub', undefined],
    ['sub', ''],
    ['sub', 7],
    ['sub', ['user|1']],
    ['sub', 's'.repeat(256)],
    ['jti', 7],
    ['client_id', ['test-client']],
    ['client_id', null],
    ['azp', 7],
    ['scope', ['read:items']],
    ['scope', null],
  ])('are refused when %s is %j', async (claim, value) => {
    const token = await issuer.accessToken({ [claim]: value });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({ code: 'ERR_CLAIM_INVALID', claim });
  });

  it('are refused when exp is beyond all numbers', async () => {
    expect(await codeOf({ exp: Number.MAX_VALUE })).toBe('accepted');
    // JSON.stringify cannot write it, JSON.parse reads it.
    const payload = Buffer.from((await issuer.accessToken()).split('.')[1] ?? '', 'base64url').toString();
    const endless = payload.replace(/"exp":\d+/, '"exp":1e999');
    const token = signRaw(JSON.stringify({ alg: 'RS256', kid: issuer.key.kid }), endless, issuer.key);
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({
      code: 'ERR_CLAIM_INVALID',
      claim: 'exp',
    });
  });

  it.each<[string, unknown]>([
    ['another API', 'https://other.example'],
    ['a slash more', 'https://api.example/'],
    ['another case', 'https://API.example'],
    ['a prefix', 'https://api.exampl'],
    ['a list in a string', 'https://api.example https://other.example'],
  ])('are refused when aud is %s', async (_case, aud) => {
    expect(await codeOf({ aud })).toBe('ERR_AUDIENCE_MISMATCH');
  });

  it.each<[string, (issuer: string) => unknown]>([
    ['another issuer', () => 'https://evil.example/'],
    ['a slash less', (iss) => iss.slice(0, -1)],
    ['a prefix more', (iss) => `${iss}.evil.example/`],
    ['another case', (iss) => iss.toUpperCase()],
    ['a list', (iss) => [iss]],
    ['absent', () => undefined],
    ['null', () => null],
  ])('are refused when iss is %s', async (_case, spoil) => {
    expect(await codeOf({ iss: spoil(issuer.issuer) })).toBe('ERR_TOKEN_UNTRUSTED');
  });

  it('that name neither an API nor a client are not taken for an ID token', async () => {
    const token = await issuer.accessToken({ aud: undefined, client_id: undefined });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({ claim: 'aud' });
    expect(await codeOf({ client_id: undefined })).toBe('accepted');
  });

  it('are refused past exp, before nbf, and from the future', async () => {
    expect(await codeOf({ exp: now() - 90 })).toBe('ERR_TOKEN_EXPIRED');
    expect(await codeOf({ nbf: now() + 90 })).toBe('ERR_TOKEN_NOT_YET_VALID');
    expect(await codeOf({ iat: now() + 90 })).toBe('ERR_TOKEN_NOT_YET_VALID');
  });

  it('follow the clock and the tolerance that were configured', async () => {
    const exp = now() + 600;
    const token = await issuer.accessToken({ exp });
    const at = (seconds: number) => trust(issuer, { clockTolerance: 0, now: () => seconds * 1000 });
    expect(await verify(at(exp - 1), token)).toMatchObject({ expiresAt: exp });
    await expect(verify(at(exp), token)).rejects.toMatchObject({ code: 'ERR_TOKEN_EXPIRED' });
  });

  it('are refused with a binding, and an unbound token is no DPoP token', async () => {
    for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, { jwk: {} }, {}, null]) {
      expect(await codeOf({ cnf })).toBe('ERR_BINDING_REFUSED');
    }
    const token = await issuer.accessToken();
    await expect(trust(issuer).verify({ scheme: 'dpop', token })).rejects.toMatchObject({
      code: 'ERR_BINDING_REFUSED',
    });
  });

  it('are named by the reason, never quoted', async () => {
    const token = await issuer.accessToken({ aud: 'https://secret.example' });
    const reason = await verify(trust(issuer), token).catch((error: unknown) => String(error));
    expect(reason).toContain('"aud"');
    expect(reason).not.toContain('secret');
  });

  it('give the same verdict every time', async () => {
    const verifier = trust(issuer);
    const token = await issuer.accessToken();
    for (let time = 0; time < 100; time++) expect(await verify(verifier, token)).toBeDefined();
  });
});

describe('a token of another kind', () => {
  it.each<[string, Record<string, unknown>]>([
    ['ID token', { nonce: 'n' }],
    ['ID token', { at_hash: 'h' }],
    ['ID token', { c_hash: 'h' }],
    ['ID token', { s_hash: 'h' }],
    ['ID token', { typ: 'ID' }],
    ['ID token', { token_use: 'id' }],
    ['ID token', { aud: 'test-client' }],
    ['ID token', { aud: ['test-client'] }],
    ['ID token', { aud: 'web', client_id: undefined, azp: 'web' }],
    ['refresh token', { typ: 'Refresh' }],
    ['ID token', { token_use: 'id_token' }],
    ['refresh token', { typ: 'Offline' }],
    ['refresh token', { token_use: 'refresh_token' }],
    ['refresh token', { token_type: 'refresh' }],
    ['logout token', { typ: 'Logout' }],
    ['logout token', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }],
    ['security event token', { events: { 'https://schemas.openid.net/secevent/risc/event-type': {} } }],
    ['introspection response', { token_introspection: { active: true } }],
    ['software statement', { software_id: 's', redirect_uris: ['https://app.example/'] }],
    ['authorization request', { response_type: 'code', redirect_uri: 'https://app.example/' }],
  ])('is refused as %s when it says %j', async (sent, claims) => {
    const token = await issuer.accessToken(claims);
    const refusal = await verify(trust(issuer), token).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'ERR_TOKEN_KIND_REFUSED', sent });
    expect(String(refusal)).toContain('send an access token');
  });

  it('is refused as a client assertion when its issuer speaks of itself', async () => {
    const token = await issuer.accessToken({ sub: issuer.issuer });
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({
      code: 'ERR_TOKEN_KIND_REFUSED',
      sent: 'client assertion',
    });
  });

  it.each([
    { typ: 'Bearer' },
    { token_use: 'access' },
    { aud: ['https://api.example', 'test-client'] },
    { aud: ['test-client', 'https://api.example'] },
    { software_id: 's' },
    { redirect_uris: ['https://app.example/'] },
    { response_type: 'code' },
    { redirect_uri: 'https://app.example/' },
  ])('is none that says %j', async (claims) => {
    expect(await codeOf(claims)).toBe('accepted');
  });
});
