import { createTestIssuer, createTestKey, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type IssuerRules, type Verifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';
import { untyped } from '../untyped.ts';

let own: TestIssuer;
let other: TestIssuer;
beforeAll(async () => {
  [own, other] = [
    await createTestIssuer({ algorithm: 'ES256' }),
    await createTestIssuer({ algorithm: 'ES256' }),
  ];
});
afterAll(() => Promise.all([own.stop(), other.stop()]));

/** Two issuers: one with rules of its own over the shared ones, one with the shared ones alone. */
function trusting(rules: IssuerRules, shared: IssuerRules = {}): Verifier {
  const verifier = createVerifier({
    audience: own.audience,
    ...shared,
    issuer: [{ issuer: own.issuer, ...rules }, other.issuer],
  });
  onTestFinished(() => verifier.close());
  return verifier;
}

async function codeOf(verdict: Promise<unknown>): Promise<unknown> {
  return verdict.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

describe('an issuer’s own rule', () => {
  it('audience stands in place of the shared one, for it alone', async () => {
    const verifier = trusting({ audience: 'urn:own' });
    expect(await codeOf(verify(verifier, await own.accessToken({ aud: 'urn:own' })))).toBe('accepted');
    expect(await codeOf(verify(verifier, await own.accessToken()))).toBe('ERR_AUDIENCE_MISMATCH');
    expect(await codeOf(verify(verifier, await other.accessToken()))).toBe('accepted');
    expect(await codeOf(verify(verifier, await other.accessToken({ aud: 'urn:own' })))).toBe(
      'ERR_AUDIENCE_MISMATCH',
    );
  });

  it('algorithms stands in place of the shared ones, for it alone', async () => {
    const narrow = trusting({ algorithms: ['RS256'] });
    expect(await codeOf(verify(narrow, await own.accessToken()))).toBe('ERR_HEADER_REFUSED');
    expect(await codeOf(verify(narrow, await other.accessToken()))).toBe('accepted');
    const wide = trusting({ algorithms: ['ES256'] }, { algorithms: ['RS256'] });
    expect(await codeOf(verify(wide, await own.accessToken()))).toBe('accepted');
    expect(await codeOf(verify(wide, await other.accessToken()))).toBe('ERR_HEADER_REFUSED');
  });

  it('profile stands in place of the shared one, for it alone', async () => {
    const verifier = trusting({ profile: 'strict' });
    const header = { typ: 'JWT' };
    expect(await codeOf(verify(verifier, await own.accessToken({}, { header })))).toBe('ERR_HEADER_REFUSED');
    expect(await codeOf(verify(verifier, await own.accessToken()))).toBe('accepted');
    expect(await codeOf(verify(verifier, await other.accessToken({}, { header })))).toBe('accepted');
    const reversed = trusting({ profile: 'compatible' }, { profile: 'strict' });
    expect(await codeOf(verify(reversed, await own.accessToken({}, { header })))).toBe('accepted');
    expect(await codeOf(verify(reversed, await other.accessToken({}, { header })))).toBe(
      'ERR_HEADER_REFUSED',
    );
  });

  it('clockTolerance stands in place of the shared one, for it alone, also for a token seen before', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    let seconds = exp - 10;
    const verifier = createVerifier({
      audience: own.audience,
      clockTolerance: 0,
      issuer: [{ issuer: own.issuer, clockTolerance: 30 }, other.issuer],
      now: () => seconds * 1000,
    });
    onTestFinished(() => verifier.close());
    const [tolerated, exact] = [await own.accessToken({ exp }), await other.accessToken({ exp })];
    const both = async () => [
      await codeOf(verify(verifier, tolerated)),
      await codeOf(verify(verifier, exact)),
    ];
    expect(await both()).toEqual(['accepted', 'accepted']);
    seconds = exp + 20;
    expect(await both()).toEqual(['accepted', 'ERR_TOKEN_EXPIRED']);
    seconds = exp + 40;
    expect(await both()).toEqual(['ERR_TOKEN_EXPIRED', 'ERR_TOKEN_EXPIRED']);
  });

  it('provider stands in place of the shared one, for it alone', async () => {
    const verifier = trusting({ provider: 'hydra' });
    const claims = { jti: undefined };
    expect(await codeOf(verify(verifier, await own.accessToken()))).toBe('accepted');
    expect(await codeOf(verify(verifier, await own.accessToken(claims)))).toBe('ERR_CLAIM_INVALID');
    expect(await codeOf(verify(verifier, await other.accessToken(claims)))).toBe('accepted');
  });

  it('jwksUri is where its keys are, and the other’s are discovered', async () => {
    const verifier = trusting({ jwksUri: own.jwksUri });
    const before = own.visits.discovery;
    expect(await codeOf(verify(verifier, await own.accessToken()))).toBe('accepted');
    expect(await codeOf(verify(verifier, await other.accessToken()))).toBe('accepted');
    expect(own.visits.discovery).toBe(before);
  });

  it('that is undefined takes nothing from the shared ones', async () => {
    const undone = untyped({
      profile: undefined,
      algorithms: undefined,
      audience: undefined,
      clockTolerance: undefined,
      provider: undefined,
    });
    const verifier = trusting({ ...undone }, { profile: 'strict', algorithms: ['ES256'] });
    expect(await codeOf(verify(verifier, await own.accessToken()))).toBe('accepted');
    expect(await codeOf(verify(verifier, await own.accessToken({}, { header: { typ: 'JWT' } })))).toBe(
      'ERR_HEADER_REFUSED',
    );
    const key = await createTestKey('RS256');
    expect(await codeOf(verify(verifier, await own.accessToken({}, { key })))).toBe('ERR_HEADER_REFUSED');
  });
});
