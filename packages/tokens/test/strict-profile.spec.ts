import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const future = (): number => Math.floor(Date.now() / 1000) + 600;

describe('the strict profile', () => {
  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/AT+JWT'])(
    'takes an access token that says so by typ %s (RFC 9068 2.1)',
    async (typ) => {
      const token = await issuer.accessToken({}, { header: { typ } });
      expect(await verify(trust(issuer, { profile: 'strict' }), token)).toMatchObject({ subject: 'user|1' });
    },
  );

  it.each([
    'JWT',
    'jwt',
    undefined,
    '',
    'at',
    'at+jwt ',
    'application/jwt',
    'application/application/at+jwt',
  ])('takes no token with typ %j, where the other profile may', async (typ) => {
    const token = await issuer.accessToken({}, { header: { typ } });
    await expect(verify(trust(issuer, { profile: 'strict' }), token)).rejects.toMatchObject({
      code: 'ERR_HEADER_REFUSED',
      parameter: 'typ',
      hint: expect.stringContaining('"profile"') as unknown,
    });
    const tolerated = typ === undefined || /^jwt$/i.test(typ);
    const verdict = verify(trust(issuer), token).then(
      () => true,
      () => false,
    );
    expect(await verdict).toBe(tolerated);
  });

  // RFC 9068 2.2
  it.each<[string, string]>([
    ['iss', 'ERR_TOKEN_UNTRUSTED'],
    ['exp', 'ERR_CLAIM_INVALID'],
    ['aud', 'ERR_CLAIM_INVALID'],
    ['sub', 'ERR_CLAIM_INVALID'],
    ['client_id', 'ERR_CLAIM_INVALID'],
    ['iat', 'ERR_CLAIM_INVALID'],
    ['jti', 'ERR_CLAIM_INVALID'],
  ])('takes no token whose %s is absent, null, empty or of another type', async (claim, code) => {
    const verifier = trust(issuer, { profile: 'strict' });
    for (const value of [undefined, null, '', {}, [], true]) {
      const token = await issuer.accessToken({ [claim]: value });
      await expect(verify(verifier, token)).rejects.toMatchObject({
        code,
        ...(code === 'ERR_CLAIM_INVALID' ? { claim } : {}),
      });
    }
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
  });

  it.each(['client_id', 'iat', 'jti'])(
    'alone asks for %s: the other takes a token without',
    async (claim) => {
      const token = await issuer.accessToken({ [claim]: undefined });
      expect(await verify(trust(issuer), token)).toMatchObject({ subject: 'user|1' });
      await expect(verify(trust(issuer, { profile: 'strict' }), token)).rejects.toMatchObject({ claim });
    },
  );

  it('does not take azp for a client_id', async () => {
    const token = await issuer.accessToken({ client_id: undefined, azp: 'test-client' });
    expect(await verify(trust(issuer), token)).toMatchObject({ client: 'test-client' });
    await expect(verify(trust(issuer, { profile: 'strict' }), token)).rejects.toMatchObject({
      claim: 'client_id',
    });
  });

  it('asks for the same of what an introspection endpoint answers', async () => {
    const { clientId, clientSecret } = issuer.introspectionClient;
    const verifier = trust(issuer, {
      profile: 'strict',
      tokenFormat: 'opaque',
      introspection: { authentication: { clientId, clientSecret } },
    });
    expect(await verify(verifier, issuer.opaqueToken())).toMatchObject({ subject: 'user|1' });
    for (const claim of ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']) {
      await expect(verify(verifier, issuer.opaqueToken({ [claim]: undefined }))).rejects.toMatchObject({
        code: 'ERR_CLAIM_INVALID',
        claim,
      });
    }
  });

  it('takes none of the other kinds', async () => {
    const verifier = trust(issuer, { profile: 'strict' });
    const exp = future();
    for (const mint of [issuer.idToken, issuer.refreshToken, issuer.logoutToken, issuer.userinfo]) {
      const token = await mint({ exp, aud: issuer.audience });
      await expect(verify(verifier, token)).rejects.toMatchObject({ error: 'invalid_token' });
    }
    expect(await verify(verifier, await issuer.accessToken({ exp }))).toBeDefined();
  });
});
