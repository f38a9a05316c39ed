import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestIssuer, createTestKey, type TestIssuer } from '@portcullis/testing';
import { CredentialError, type Authentication } from '@portcullis/tokens';
import { careful } from '../../src/observer.ts';
import { issuerSettings } from '../../src/issuers/issuer-settings.ts';
import { TrustedIssuer } from '../../src/issuers/trusted-issuer.ts';
import { VerdictCache, type Verdict, type VerdictCacheOptions } from '../../src/verdicts/verdict-cache.ts';
import { VerifiedHeader } from '../../src/verdicts/verified-header.ts';
import { trust, verify } from '../trust.ts';

async function real(): Promise<{ issuer: TestIssuer; parts: Pick<Verdict, 'authentication' | 'issuer'> }> {
  const issuer = await createTestIssuer({ algorithm: 'ES256' });
  onTestFinished(() => issuer.stop());
  const authentication: Authentication = await verify(trust(issuer), await issuer.accessToken());
  const [settings] = issuerSettings({ issuer: issuer.issuer, audience: issuer.audience }, false);
  if (settings === undefined) throw new Error('no issuer');
  const trusted = new TrustedIssuer(
    settings,
    {
      production: false,
      requestTimeout: 1000,
      observer: careful([]),
      now: Date.now,
      monotonic: () => performance.now(),
    },
    true,
  );
  onTestFinished(() => trusted.close());
  return { issuer, parts: { authentication, issuer: trusted } };
}

async function filling(options?: VerdictCacheOptions) {
  const { parts } = await real();
  const cache = new VerdictCache(options);
  const put = (token: string): Verdict => {
    const verdict: Verdict = { token, ...parts, key: undefined, goodUntil: Number.POSITIVE_INFINITY };
    cache.set(verdict);
    return verdict;
  };
  const kept = (tokens: readonly string[]): number => tokens.filter((token) => cache.get(token)).length;
  return { cache, put, kept };
}

const numbered = (count: number, length = 40): readonly string[] =>
  Array.from({ length: count }, (_, number) => `${number}`.padStart(length, '-'));

describe('verdicts', () => {
  it('are found by the whole of a token: one with the same tail takes another’s place, and no more', async () => {
    const { cache, put } = await filling();
    const tail = 'T'.repeat(32);
    const first = put(`first.${tail}`);
    expect(cache.get(`first.${tail}`)).toBe(first);
    for (const token of [
      `other.${tail}`,
      tail,
      `.${tail}`,
      `First.${tail}`,
      `first.${tail.toLowerCase()}`,
      '',
    ]) {
      expect(cache.get(token)).toBeUndefined();
    }
    const other = put(`other.${tail}`);
    expect(cache.get(`first.${tail}`)).toBeUndefined();
    expect(cache.get(`other.${tail}`)).toBe(other);
  });

  it('with the same tail in both generations are not taken for each other', async () => {
    const { cache, put } = await filling({ maxEntries: 4 });
    const tail = 'T'.repeat(32);
    const old = put(`old.${tail}`);
    put('fills the generation, so that the next one begins');
    expect(cache.get(`new.${tail}`)).toBeUndefined();
    expect(cache.get(`old.${tail}`)).toBe(old); // and is young again
    put('another that fills the generation, as before it');
    const young = put(`new.${tail}`);
    expect(cache.get(`new.${tail}`)).toBe(young);
    expect(cache.get(`old.${tail}`)).toBeUndefined();
  });

  it('of tokens that are shorter than a tail are told apart', async () => {
    const { cache, put } = await filling();
    const short = put('a');
    expect(cache.get('a')).toBe(short);
    expect(cache.get('b')).toBeUndefined();
    expect(cache.get('')).toBeUndefined();
  });

  it('are bounded in number, and the ones asked for stay', async () => {
    const { put, kept, cache } = await filling({ maxEntries: 100 });
    const tokens = numbered(1000);
    const favourite = put('the one that somebody uses all the time, thus');
    for (const token of tokens) {
      put(token);
      expect(cache.get(favourite.token)).toBe(favourite);
    }
    expect(kept(tokens)).toBeLessThanOrEqual(100);
    expect(kept(tokens)).toBeGreaterThanOrEqual(40);
  });

  it('are bounded in number where nothing is said', async () => {
    const { put, kept } = await filling();
    const tokens = numbered(25_000);
    for (const token of tokens) put(token);
    expect(kept(tokens.slice(-5000))).toBe(5000);
    expect(kept(tokens)).toBeLessThanOrEqual(10_000);
  });

  it('are bounded in bytes', async () => {
    const { put, kept } = await filling({ maxBytes: 1024 * 1024 });
    const large = numbered(300, 16_000);
    for (const token of large) put(token);
    const bytes = kept(large) * 16_000 * 4;
    expect(bytes).toBeLessThanOrEqual(1024 * 1024 + 2 * 65_000);
    expect(bytes).toBeGreaterThan(400_000);
  });

  it('are bounded in bytes even where each takes the place of the one before', async () => {
    const { cache, put } = await filling({ maxBytes: 100_000 });
    const tail = 'T'.repeat(32);
    const witness = put('a small one that is there from the beginning, too');
    put(`short.${tail}`);
    put(`${'long'.repeat(4000)}.${tail}`); // fills the generation alone
    put(`${'big'.repeat(5000)}.${'U'.repeat(32)}`);
    expect(cache.get(witness.token)).toBeUndefined();
  });

  it('cost the same room however often the same one comes', async () => {
    const { cache, put } = await filling({ maxEntries: 4 });
    const first = put(numbered(1)[0] ?? '');
    for (let time = 0; time < 100; time++) put('the same, again and again, and no other one');
    expect(cache.get(first.token)).toBe(first);
  });

  it('are gone once they are cleared', async () => {
    const { cache, put } = await filling({ maxEntries: 4 });
    const tokens = numbered(5);
    for (const token of tokens) put(token);
    cache.clear();
    for (const token of tokens) expect(cache.get(token)).toBeUndefined();
    const again = put(tokens[0] ?? '');
    expect(cache.get(again.token)).toBe(again);
  });

  it.each<[VerdictCacheOptions, RegExp]>([
    [{ maxAge: -1 }, /maxAge/],
    [{ maxAge: 601 }, /maxAge/],
    [{ maxAge: Number.NaN }, /maxAge/],
    [{ maxEntries: 1 }, /maxEntries/],
    [{ maxEntries: Number.POSITIVE_INFINITY }, /maxEntries/],
    [{ maxBytes: 1023 }, /maxBytes/],
  ])('are not kept by %j', (options, named) => {
    expect(() => new VerdictCache(options)).toThrow(named);
    expect(new VerdictCache({ maxAge: 600, maxEntries: 2, maxBytes: 1024 }).maxAge).toBe(600_000);
  });
});

describe('headers that were read before', () => {
  it('are those of the last token alone, and have passed for its issuer alone', () => {
    const known = new VerifiedHeader();
    expect(known.last).toBeUndefined();
    const [one, other] = ['https://one.example/', 'https://other.example/'].flatMap((issuer) =>
      issuerSettings({ issuer, audience: 'https://api.example' }, false),
    );
    if (one === undefined || other === undefined) throw new Error('no issuer');
    for (const encodedHeader of ['one', 'two', 'three']) {
      const header = { encodedHeader };
      expect(known.hasPassed(header, one)).toBe(false);
      const nothing = Buffer.alloc(0);
      known.remember({ encodedHeader, header, claims: {}, input: nothing, signature: nothing }, one);
      expect(known.last).toMatchObject({ encoded: encodedHeader, header });
      expect(known.hasPassed(header, one)).toBe(true);
      expect([known.hasPassed(header, other), known.hasPassed({ ...header }, one)]).toEqual([false, false]);
    }
  });

  it('are judged anew for another issuer: what one may sign with, the other may not', async () => {
    const key = await createTestKey('ES256');
    const [first, second] = await Promise.all([createTestIssuer(), createTestIssuer()]);
    onTestFinished(async () => void (await Promise.all([first.stop(), second.stop()])));
    for (const one of [first, second]) one.publishKeys([key.publicJwk]);
    const verifier = trust(first, {
      issuer: [first.issuer, { issuer: second.issuer, algorithms: ['RS256'] }],
    });
    for (let time = 0; time < 2; time++) {
      expect(await verify(verifier, await first.accessToken({}, { key }))).toBeDefined();
      await expect(verify(verifier, await second.accessToken({}, { key }))).rejects.toMatchObject({
        code: 'ERR_HEADER_REFUSED',
        parameter: 'alg',
      });
    }
  });

  it('are taken for no other header that begins or ends like them', async () => {
    const { issuer } = await real();
    const verifier = trust(issuer);
    expect(await verify(verifier, await issuer.accessToken())).toBeDefined();
    const longer = await issuer.accessToken({}, { header: { crit: ['x'] } });
    await expect(verify(verifier, longer)).rejects.toMatchObject({ parameter: 'crit' });
    const [header = '', ...rest] = (await issuer.accessToken()).split('.');
    for (const spoilt of [`${header}A`, header.slice(0, -1), `A${header}`, ` ${header}`]) {
      await expect(verify(verifier, [spoilt, ...rest].join('.'))).rejects.toBeInstanceOf(CredentialError);
    }
  });

  it('are not remembered of a token that does not verify, and change no verdict', async () => {
    const { issuer } = await real();
    const verifier = trust(issuer);
    const own = await issuer.accessToken({}, { header: { note: 'x' } });
    const [header] = own.split('.');
    for (let time = 0; time < 3; time++) {
      expect(await verify(verifier, own)).toMatchObject({ subject: 'user|1' });
      expect(await verify(verifier, await issuer.accessToken({}, { header: { note: 'x' } }))).toBeDefined();
      const [, payload, signature] = (await issuer.accessToken()).split('.');
      await expect(verify(verifier, `${header}.${payload}.${signature}`)).rejects.toMatchObject({
        code: 'ERR_SIGNATURE_INVALID',
      });
    }
  });
});
