import { IntrospectionLimited, IssuerUnavailable, type Verifier } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';
import { trust, verify } from '../trust.ts';
import { asking, askedBySecret, issuing } from './asking.ts';

async function from(address: string | undefined, verifier: Verifier, token: string): Promise<unknown> {
  const sender = address === undefined ? {} : { address };
  return verifier.verify({ scheme: 'bearer', token, ...sender });
}

async function codeOf(verdict: Promise<unknown>): Promise<unknown> {
  return verdict.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

describe('many requests with one token', () => {
  it('cost one question, and all have its answer', async () => {
    const { issuer, verifier } = await asking({ maxAge: 0 });
    const [good, bad] = [issuer.opaqueToken(), 'unknown'];
    issuer.answerIntrospectionWith({ delay: 50 });
    const verdicts = (token: string) => Array.from({ length: 50 }, () => codeOf(verify(verifier, token)));
    expect(new Set(await Promise.all(verdicts(good)))).toEqual(new Set(['accepted']));
    expect(issuer.visits.introspection).toBe(1);
    expect(new Set(await Promise.all(verdicts(bad)))).toEqual(new Set(['ERR_TOKEN_INACTIVE']));
    expect(issuer.visits.introspection).toBe(2);
    await verify(verifier, good);
    expect(issuer.visits.introspection).toBe(3);
  });

  it('fail together, and an outage is charged to nobody', async () => {
    const { issuer, verifier } = await asking({ maxAge: 0, perAddress: 1 });
    const token = issuer.opaqueToken();
    issuer.answerIntrospectionWith({ status: 500, delay: 50 });
    const verdicts = ['10.0.0.1', '10.0.0.2', '10.0.0.1'].map((one) => codeOf(from(one, verifier, token)));
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['ERR_ISSUER_UNAVAILABLE']));
    issuer.answerIntrospectionWith(undefined);
    expect(await codeOf(from('10.0.0.1', verifier, token))).toBe('accepted');
  });

  it('are charged to no address but the first, when the token is unknown', async () => {
    const { issuer, verifier } = await asking({ maxAge: 0, perAddress: 1 });
    issuer.answerIntrospectionWith({ body: { active: false }, delay: 50 });
    const verdicts = ['10.0.0.1', '10.0.0.2', '10.0.0.1'].map((one) => codeOf(from(one, verifier, 'junk')));
    expect(new Set(await Promise.all(verdicts))).toEqual(new Set(['ERR_TOKEN_INACTIVE']));
    issuer.answerIntrospectionWith(undefined);
    const token = issuer.opaqueToken();
    expect(await codeOf(from('10.0.0.2', verifier, token))).toBe('accepted');
    expect(await codeOf(from('10.0.0.1', verifier, token))).toBe('ERR_INTROSPECTION_LIMITED');
  });
});

describe('more questions at once than are allowed', () => {
  it('are answered 503 at once, and the others are not', async () => {
    const { issuer, verifier } = await asking({ maxConcurrent: 3 });
    const tokens = Array.from({ length: 4 }, () => issuer.opaqueToken());
    issuer.answerIntrospectionWith({ delay: 400 });
    const started = performance.now();
    const running = tokens.slice(0, 3).map((token) => verify(verifier, token));
    const refusal = await verify(verifier, tokens[3] ?? '').catch((error: unknown) => error);
    expect(performance.now() - started).toBeLessThan(300);
    expect(refusal).toBeInstanceOf(IssuerUnavailable);
    expect(refusal).toMatchObject({ retryAfter: 1 });
    expect(await Promise.all(running)).toHaveLength(3);
    expect(issuer.visits.introspection).toBe(3);
    issuer.answerIntrospectionWith(undefined);
    expect(await verify(verifier, tokens[3] ?? '')).toMatchObject({ subject: 'user|1' });
  });

  it('do not hold up a token that is remembered, or one that is being asked about', async () => {
    const { issuer, verifier } = await asking({ maxConcurrent: 1 });
    const [seen, slow] = [issuer.opaqueToken(), issuer.opaqueToken()];
    expect(await verify(verifier, seen)).toBeDefined();
    issuer.answerIntrospectionWith({ delay: 100 });
    const running = verify(verifier, slow);
    expect(await verify(verifier, seen)).toBeDefined();
    expect(await Promise.all([running, verify(verifier, slow)])).toHaveLength(2);
    expect(issuer.visits.introspection).toBe(2);
  });
});

describe('one address with many tokens', () => {
  it('is answered 429 beyond its budget, and no other address is', async () => {
    const { issuer, verifier } = await asking({ perAddress: 3 });
    for (let index = 0; index < 3; index++) {
      expect(await codeOf(from('10.0.0.1', verifier, `junk-${index}`))).toBe('ERR_TOKEN_INACTIVE');
    }
    const good = issuer.opaqueToken();
    const refusal = await from('10.0.0.1', verifier, good).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(IntrospectionLimited);
    expect(refusal).toMatchObject({ code: 'ERR_INTROSPECTION_LIMITED' });
    expect(issuer.visits.introspection).toBe(3);
    expect(await codeOf(from('10.0.0.2', verifier, good))).toBe('accepted');
    // Now that it is remembered, it costs nothing.
    expect(await codeOf(from('10.0.0.1', verifier, good))).toBe('accepted');
  });

  it('has its budget back as time passes, as it was told', async () => {
    const { issuer, verifier, pass } = await asking({ perAddress: 3 });
    for (let index = 0; index < 3; index++) await codeOf(from('10.0.0.1', verifier, `junk-${index}`));
    const good = issuer.opaqueToken();
    const refusal = await from('10.0.0.1', verifier, good).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ retryAfter: 20 });
    pass(18);
    expect(await codeOf(from('10.0.0.1', verifier, good))).toBe('ERR_INTROSPECTION_LIMITED');
    pass(2);
    expect(await codeOf(from('10.0.0.1', verifier, good))).toBe('accepted');
    expect(await codeOf(from('10.0.0.1', verifier, 'junk-3'))).toBe('ERR_TOKEN_INACTIVE');
    expect(await codeOf(from('10.0.0.1', verifier, 'junk-3'))).toBe('ERR_INTROSPECTION_LIMITED');
    pass(3600);
    for (let index = 4; index < 7; index++) {
      expect(await codeOf(from('10.0.0.1', verifier, `junk-${index}`))).toBe('ERR_TOKEN_INACTIVE');
    }
    expect(await codeOf(from('10.0.0.1', verifier, 'junk-7'))).toBe('ERR_INTROSPECTION_LIMITED');
  });

  it('is not charged for what needs no question', async () => {
    const { issuer, verifier } = await asking({ perAddress: 1 }, { tokenFormat: 'both' });
    for (let time = 0; time < 5; time++) {
      expect(await codeOf(from('10.0.0.1', verifier, await issuer.accessToken()))).toBe('accepted');
      expect(await codeOf(from('10.0.0.1', verifier, 'a.b.c'))).toBe('ERR_TOKEN_MALFORMED');
    }
    expect(await codeOf(from('10.0.0.1', verifier, issuer.opaqueToken()))).toBe('accepted');
  });

  it('is not known when the host names none: only the cap holds then', async () => {
    const { verifier } = await asking({ perAddress: 1 });
    for (let index = 0; index < 5; index++) {
      expect(await codeOf(from(undefined, verifier, `junk-${index}`))).toBe('ERR_TOKEN_INACTIVE');
    }
  });
});

describe('the bounds of a flood', () => {
  it.each<[string, number, number]>([
    ['maxConcurrent', 0, 1],
    ['maxConcurrent', 10_001, 10_000],
    ['maxConcurrent', Number.NaN, 32],
    ['perAddress', 0, 1],
    ['perAddress', Number.POSITIVE_INFINITY, 1_000_000],
  ])('name %s when it is %d', async (option, wrong, right) => {
    const issuer = await issuing();
    const of = (value: number) => () =>
      trust(issuer, { tokenFormat: 'opaque', introspection: { ...askedBySecret(issuer), [option]: value } });
    expect(of(wrong)).toThrow(`"introspection.${option}"`);
    expect(of(right)).not.toThrow();
  });
});
