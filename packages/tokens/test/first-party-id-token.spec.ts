import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { createVerifier, CredentialError, type Verifier, type VerifierOptions } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trust, verify } from './trust.ts';

let issuer: TestIssuer;
/** One for most tests: each that is built warns. */
let verifier: Verifier;
beforeAll(async () => {
  issuer = await createTestIssuer({ algorithm: 'ES256' });
  const { audience } = issuer;
  verifier = createVerifier({ issuer: issuer.issuer, audience, firstPartyIdTokens: client });
});
afterAll(async () => {
  verifier.close();
  await issuer.stop();
});

const seconds = (): number => Math.floor(Date.now() / 1000);
const client = 'test-client';

async function codeOf(claims: Readonly<Record<string, unknown>>): Promise<unknown> {
  return verify(verifier, await issuer.idToken(claims)).then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

describe('an ID token of a first-party client', () => {
  it('is refused unless it was asked for', async () => {
    const token = await issuer.idToken();
    await expect(verify(trust(issuer), token)).rejects.toMatchObject({
      code: 'ERR_TOKEN_KIND_REFUSED',
      sent: 'ID token',
    });
    expect(await verify(verifier, token)).toMatchObject({ tokenKind: 'id_token', kind: 'user' });
  });

  it.each(['generic', 'portcullis', 'logto'] as const)(
    'has no typ or the general one, whatever access tokens of %s have',
    async (provider) => {
      const own = trust(issuer, { provider, firstPartyIdTokens: client });
      for (const typ of [undefined, 'JWT']) {
        const token = await issuer.idToken({}, { header: { typ } });
        expect(await verify(own, token)).toMatchObject({ tokenKind: 'id_token' });
      }
      const asAccess = await issuer.idToken({}, { header: { typ: 'at+jwt' } });
      await expect(verify(own, asAccess)).rejects.toBeInstanceOf(CredentialError);
    },
  );

  it('lends its missing typ to no access token', async () => {
    const own = trust(issuer, { provider: 'portcullis', firstPartyIdTokens: client });
    const good = await issuer.accessToken({ permissions: [] });
    expect(await verify(own, good)).toMatchObject({ tokenKind: 'access_token' });
    const without = await issuer.accessToken({ permissions: [] }, { header: { typ: undefined } });
    await expect(verify(own, without)).rejects.toMatchObject({
      code: 'ERR_HEADER_REFUSED',
      parameter: 'typ',
    });
  });

  it('says who has logged in', async () => {
    const token = await issuer.idToken({ acr: 'mfa', amr: ['pwd', 'otp'] });
    expect(await verify(verifier, token)).toMatchObject({
      issuer: issuer.issuer,
      subject: 'user|1',
      client: undefined,
      session: 'session-1',
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      authTime: expect.any(Number) as unknown,
    });
  });

  it('says nothing of what they may do, whatever it claims', async () => {
    const token = await issuer.idToken({
      scope: 'read:items',
      permissions: ['delete:items'],
      roles: ['admin'],
      gty: 'client-credentials',
    });
    for (let time = 0; time < 2; time++) {
      const { kind, scopes, claimedPermissions, claimedRoles } = await verify(verifier, token);
      expect(kind).toBe('user');
      for (const names of [scopes, claimedPermissions, claimedRoles])
        expect([...(names ?? ['?'])]).toEqual([]);
    }
    const access = await issuer.accessToken({ permissions: ['delete:items'] });
    expect([...((await verify(verifier, access)).claimedPermissions ?? [])]).toEqual(['delete:items']);
  });

  it('is of a user, though its subject is called as the client is', async () => {
    const token = await issuer.idToken({ sub: client });
    expect(await verify(verifier, token)).toMatchObject({ kind: 'user', subject: client });
    const machine = await issuer.accessToken({ sub: client });
    expect(await verify(verifier, machine)).toMatchObject({ kind: 'machine', subject: client });
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['for the client alone', {}],
    ['for a list of the client alone', { aud: [client] }],
    ['whose azp is the client', { azp: client }],
    ['ten minutes old, less a little', { iat: seconds() - 590 }],
    ['without a nonce, when azp tells what it is', { nonce: undefined, azp: client }],
  ])('passes %s', async (_case, claims) => {
    expect(await codeOf(claims)).toBe('accepted');
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['for another client', { aud: 'somebody' }, 'ERR_AUDIENCE_MISMATCH'],
    ['for the API itself', { aud: 'https://api.example' }, 'ERR_AUDIENCE_MISMATCH'],
    ['for the client and another', { aud: [client, 'somebody'] }, 'ERR_CLAIM_INVALID'],
    ['for the client and the API', { aud: [client, 'https://api.example'] }, 'ERR_CLAIM_INVALID'],
    ['for the client twice', { aud: [client, client] }, 'ERR_CLAIM_INVALID'],
    ['for nobody', { aud: undefined }, 'ERR_CLAIM_INVALID'],
    ['for an empty list', { aud: [] }, 'ERR_CLAIM_INVALID'],
    ['that another client asked for', { azp: 'somebody' }, 'ERR_CLAIM_INVALID'],
    ['whose azp is no text', { azp: [client] }, 'ERR_CLAIM_INVALID'],
    ['older than ten minutes', { iat: seconds() - 620 }, 'ERR_TOKEN_EXPIRED'],
    ['of no age', { iat: undefined }, 'ERR_CLAIM_INVALID'],
    ['from the future', { iat: seconds() + 60 }, 'ERR_TOKEN_NOT_YET_VALID'],
    ['before its nbf', { nbf: seconds() + 60 }, 'ERR_TOKEN_NOT_YET_VALID'],
    ['whose auth_time is text', { auth_time: 'today' }, 'ERR_CLAIM_INVALID'],
    ['whose jti is no text', { jti: 7 }, 'ERR_CLAIM_INVALID'],
    ['past its exp', { exp: seconds() - 60 }, 'ERR_TOKEN_EXPIRED'],
    ['without exp', { exp: undefined }, 'ERR_CLAIM_INVALID'],
    ['of nobody', { sub: undefined }, 'ERR_CLAIM_INVALID'],
    ['of another issuer', { iss: 'https://evil.example/' }, 'ERR_TOKEN_UNTRUSTED'],
    ['that is bound to a key', { cnf: { jkt: 'A'.repeat(43) } }, 'ERR_BINDING_REFUSED'],
    ['that is a logout token', { events: { 'urn:backchannel-logout': {} } }, 'ERR_TOKEN_KIND_REFUSED'],
    ['that is a refresh token', { typ: 'Refresh' }, 'ERR_TOKEN_KIND_REFUSED'],
  ])('is refused %s', async (_case, claims, code) => {
    expect(await codeOf(claims)).toBe(code);
  });

  it.each<[string, unknown]>([
    ['aud', [client, 'somebody']],
    ['azp', 'somebody'],
    ['iat', undefined],
  ])('is refused by the name of its %s when that is %j', async (claim, value) => {
    const token = await issuer.idToken({ [claim]: value });
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_CLAIM_INVALID', claim });
  });

  it('is refused when somebody else signed it', async () => {
    const token = await issuer.idToken();
    await expect(verify(verifier, spoiled.signature(token))).rejects.toMatchObject({
      code: 'ERR_SIGNATURE_INVALID',
    });
    expect(await verify(verifier, token)).toBeDefined();
  });

  it('does not become older than ten minutes by being remembered', async () => {
    let offset = 0;
    const moved = trust(issuer, {
      firstPartyIdTokens: client,
      now: () => Date.now() + offset,
      verdictCache: { maxAge: 600 },
    });
    const token = await issuer.idToken({ iat: seconds() - 500, exp: seconds() + 3600 });
    expect(await verify(moved, token)).toBeDefined();
    offset = 90_000;
    expect(await verify(moved, token)).toBeDefined();
    offset = 120_000;
    await expect(verify(moved, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_EXPIRED' });
  });

  it('may be of any of several clients', async () => {
    const both = trust(issuer, { firstPartyIdTokens: ['web', 'desk'] });
    expect(await verify(both, await issuer.idToken({ aud: 'web' }))).toBeDefined();
    expect(await verify(both, await issuer.idToken({ aud: 'desk' }))).toBeDefined();
    await expect(verify(both, await issuer.idToken())).rejects.toMatchObject({
      code: 'ERR_AUDIENCE_MISMATCH',
    });
  });

  it('leaves access tokens as they are', async () => {
    const token = await issuer.accessToken({ scope: 'read:items' });
    const { tokenKind, scopes } = await verify(verifier, token);
    expect(tokenKind).toBe('access_token');
    expect([...(scopes ?? [])]).toEqual(['read:items']);
    const wrong = await issuer.accessToken({ aud: 'https://other.example' });
    await expect(verify(verifier, wrong)).rejects.toMatchObject({ code: 'ERR_AUDIENCE_MISMATCH' });
  });
});

describe('the option firstPartyIdTokens', () => {
  it.each<[RegExp, Partial<VerifierOptions>, Partial<VerifierOptions>]>([
    [
      /"firstPartyIdTokens" and "audience"/,
      { firstPartyIdTokens: 'https://api.example' },
      { firstPartyIdTokens: 'web' },
    ],
    [
      /"firstPartyIdTokens" and "audience"/,
      { firstPartyIdTokens: ['web', 'b'], audience: ['a', 'b'] },
      { firstPartyIdTokens: ['web', 'b'], audience: ['a'] },
    ],
    [/"firstPartyIdTokens"/, { firstPartyIdTokens: [] }, { firstPartyIdTokens: ['web'] }],
    [/"firstPartyIdTokens"/, { firstPartyIdTokens: '' }, { firstPartyIdTokens: 'web' }],
    [
      /"firstPartyIdTokens" goes with the profile compatible/,
      { firstPartyIdTokens: 'web', profile: 'strict' },
      { firstPartyIdTokens: 'web', profile: 'compatible' },
    ],
    [
      /"firstPartyIdTokens" goes with the tokenFormat jwt or both/,
      {
        firstPartyIdTokens: 'web',
        tokenFormat: 'opaque',
        introspection: { authentication: { clientId: 'c', clientSecret: 's' } },
      },
      {
        firstPartyIdTokens: 'web',
        tokenFormat: 'both',
        introspection: { authentication: { clientId: 'c', clientSecret: 's' } },
      },
    ],
  ])('is refused at the start with %s', (message, wrong, right) => {
    expect(() => trust(issuer, wrong)).toThrow(TypeError);
    expect(() => trust(issuer, wrong)).toThrow(message);
    expect(() => trust(issuer, right)).not.toThrow();
  });
});
