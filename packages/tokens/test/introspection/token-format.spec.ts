import { spoiled, type TestIssuer } from '@portcullis/testing';
import type { Verifier } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { trust, verify } from '../trust.ts';
import { asking, issuing } from './asking.ts';

const UNREADABLE = 'hR5iWqLx3kCw';

describe('the token format opaque', () => {
  it('has every token asked about, also one that could be read', async () => {
    const { issuer, verifier } = await asking();
    expect(await verify(verifier, issuer.opaqueToken())).toMatchObject({
      issuer: issuer.issuer,
      subject: 'user|1',
      client: 'test-client',
      kind: 'user',
      tokenKind: 'access_token',
    });
    const readable = await issuer.accessToken();
    expect(await verify(verifier, readable)).toMatchObject({ subject: 'user|1' });
    issuer.revoke(readable);
    expect(issuer.visits).toEqual({ discovery: 1, keys: 0, introspection: 2 });
  });

  it('believes no signature: what the issuer does not know is inactive', async () => {
    const { issuer, verifier } = await asking();
    const revoked = await issuer.accessToken();
    issuer.revoke(revoked);
    for (const token of [revoked, UNREADABLE]) {
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    }
    expect(issuer.visits.introspection).toBe(2);
  });
});

describe('the token format jwt', () => {
  it('has no token asked about: an opaque one is malformed', async () => {
    const issuer = await issuing();
    const verifier = trust(issuer);
    expect(await verify(verifier, await issuer.accessToken())).toMatchObject({ subject: 'user|1' });
    await expect(verify(verifier, issuer.opaqueToken())).rejects.toMatchObject({
      code: 'ERR_TOKEN_MALFORMED',
      hint: expect.stringContaining('"tokenFormat"') as unknown,
    });
    expect(issuer.visits.introspection).toBe(0);
  });
});

describe('the token format both', () => {
  it('has a JWT verified, and anything else asked about', async () => {
    const { issuer, verifier } = await asking({}, { tokenFormat: 'both' });
    expect(await verify(verifier, await issuer.accessToken())).toMatchObject({ subject: 'user|1' });
    expect(issuer.visits).toMatchObject({ keys: 1, introspection: 0 });
    expect(await verify(verifier, issuer.opaqueToken({ sub: 'user|2' }))).toMatchObject({
      subject: 'user|2',
    });
    expect(issuer.visits).toMatchObject({ keys: 1, introspection: 1 });
    for (const token of [UNREADABLE, `${UNREADABLE}.${UNREADABLE}`]) {
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    }
    expect(issuer.visits).toMatchObject({ keys: 1, introspection: 3 });
  });

  it.each<[string, (issuer: TestIssuer) => Promise<string>, string]>([
    ['forged', async (from) => spoiled.signature(await from.accessToken()), 'ERR_SIGNATURE_INVALID'],
    ['unsigned', async (from) => spoiled.unsigned(await from.accessToken()), 'ERR_TOKEN_MALFORMED'],
    ['expired', (from) => from.accessToken({ exp: 1 }), 'ERR_TOKEN_EXPIRED'],
    ['for another API', (from) => from.accessToken({ aud: 'https://x.example' }), 'ERR_AUDIENCE_MISMATCH'],
    ['of nobody known', (from) => from.accessToken({ iss: 'https://x.example/' }), 'ERR_TOKEN_UNTRUSTED'],
    ['an ID token', (from) => from.idToken(), 'ERR_TOKEN_KIND_REFUSED'],
    ['of four parts', async (from) => `${await from.accessToken()}.AAAA`, 'ERR_TOKEN_MALFORMED'],
    ['of three parts and nothing else', () => Promise.resolve('a.b.c'), 'ERR_TOKEN_MALFORMED'],
    ['of the beginning alone', () => Promise.resolve('eyJhbGciOiJFUzI1NiJ9'), 'ERR_TOKEN_MALFORMED'],
  ])('has a JWT that is %s refused, and never asked about', async (_fault, minted, code) => {
    const { issuer, verifier } = await asking({}, { tokenFormat: 'both' });
    const token = await minted(issuer);
    // The issuer would say yes to anything.
    const body = { active: true, sub: 'user|1', aud: issuer.audience, exp: Date.now() / 1000 + 60 };
    issuer.answerIntrospectionWith({ status: 200, body });
    await expect(verify(verifier, token)).rejects.toMatchObject({ code });
    expect(issuer.visits.introspection).toBe(0);
    expect(await verify(verifier, UNREADABLE)).toMatchObject({ subject: 'user|1' });
  });

  it('has no JWT asked about either when the keys cannot be had', async () => {
    const { issuer, verifier } = await askingWithoutKeys();
    await expect(verify(verifier, await issuer.accessToken())).rejects.toMatchObject({
      code: 'ERR_ISSUER_UNAVAILABLE',
    });
    expect(issuer.visits.introspection).toBe(0);
    expect(await verify(verifier, issuer.opaqueToken())).toMatchObject({ subject: 'user|1' });
  });
});

async function askingWithoutKeys(): Promise<{ issuer: TestIssuer; verifier: Verifier }> {
  const { issuer, verifier, pass } = await asking({}, { tokenFormat: 'both' });
  issuer.answerKeysWith({ status: 500 });
  await verifier.reloadKeys();
  pass(1);
  return { issuer, verifier };
}
