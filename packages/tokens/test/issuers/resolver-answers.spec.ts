import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createVerifier, IssuerUnavailable, type IssuerOptions, type Verifier } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';
import { untyped } from '../untyped.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

function resolving(resolver: (issuer: string) => unknown): Verifier {
  const options = { issuer: '', audience: issuer.audience, requestTimeout: 200 };
  const verifier = createVerifier({ ...options, ...untyped({ issuer: resolver }) });
  onTestFinished(() => verifier.close());
  return verifier;
}

const good: [string, (issuer: string) => unknown][] = [
  ['at once', (named) => ({ issuer: named })],
  ['later', async (named) => Promise.resolve({ issuer: named })],
  ['with rules', (named): IssuerOptions => ({ issuer: named, profile: 'strict', clockTolerance: 0 })],
];

describe('a function that answers for issuers', () => {
  it.each(good)('may answer %s', async (_how, resolver) => {
    const verifier = resolving(resolver);
    expect(await verify(verifier, await issuer.accessToken())).toMatchObject({ issuer: issuer.issuer });
  });

  it.each<[string, (issuer: string) => unknown]>([
    ['undefined', () => undefined],
    ['undefined, later', async () => Promise.resolve(undefined)],
    ['null', () => null],
    ['false', () => false],
    ['an empty text', () => ''],
    ['for another issuer', () => ({ issuer: 'https://other.example/' })],
    ['for the same one with a slash less', (named) => ({ issuer: named.slice(0, -1) })],
  ])('says no with %s', async (_answer, resolver) => {
    const verifier = resolving(resolver);
    await expect(verify(verifier, await issuer.accessToken())).rejects.toMatchObject({
      code: 'ERR_TOKEN_UNTRUSTED',
      error: 'invalid_token',
    });
  });

  it.each<[string, (issuer: string) => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no connection');
      },
      /no connection/,
    ],
    ['rejects', async () => Promise.reject(new Error('no connection')), /no connection/],
    ['never answers', () => new Promise(() => undefined), /in time/],
    ['answers with a wrong option', (named) => ({ issuer: named, profile: 'strikt' }), /"profile"/],
    ['answers with a wrong audience', (named) => ({ issuer: named, audience: [] }), /"audience"/],
    ['answers with another type', () => true, /"issuer"/],
    ['answers with a list', (named) => [{ issuer: named }], /"issuer"/],
    ['answers with the name alone', (named) => named, /"issuer"/],
  ])('that %s is nobody’s credential: 503, and asked again', async (_fault, faulty, hint) => {
    let asked = 0;
    const verifier = resolving((named) => (asked++ === 0 ? faulty(named) : { issuer: named }));
    const token = await issuer.accessToken();
    const started = performance.now();
    const refusal = await verify(verifier, token).catch((error: unknown) => error);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(refusal).toBeInstanceOf(IssuerUnavailable);
    expect(refusal).toMatchObject({ retryAfter: 1, hint: expect.stringMatching(hint) as unknown });
    expect(String(refusal)).not.toMatch(hint);
    expect(await verify(verifier, token)).toMatchObject({ issuer: issuer.issuer });
  });

  it('has its rules enforced, over the shared ones', async () => {
    const verifier = resolving((named) => ({ issuer: named, audience: 'urn:own' }));
    expect(await verify(verifier, await issuer.accessToken({ aud: 'urn:own' }))).toBeDefined();
    await expect(verify(verifier, await issuer.accessToken())).rejects.toMatchObject({
      code: 'ERR_AUDIENCE_MISMATCH',
    });
  });

  it('does not make the verifier unready with an issuer that is out of reach', async () => {
    const gone = await createTestIssuer({ algorithm: 'ES256' });
    const token = await gone.accessToken();
    await gone.stop();
    const verifier = resolving((named) => ({ issuer: named }));
    await verifier.ready();
    expect(verifier.isReady()).toBe(true);
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_ISSUER_UNAVAILABLE' });
    expect(verifier.isReady()).toBe(true);
    await verifier.ready();
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
  });

  it('is asked nothing that leads anywhere once the verifier is closed', async () => {
    const answer = Promise.withResolvers<IssuerOptions>();
    const verifier = resolving(() => answer.promise);
    const visits = { ...issuer.visits };
    const waiting = verify(verifier, await issuer.accessToken()).catch((error: unknown) => error);
    verifier.close();
    answer.resolve({ issuer: issuer.issuer });
    expect(await waiting).toBeInstanceOf(IssuerUnavailable);
    expect(issuer.visits).toEqual(visits);
  });
});
