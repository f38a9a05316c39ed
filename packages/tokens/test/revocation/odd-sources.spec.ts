import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createDenyList, type Revocation, type RevocationNews } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';
import { untyped } from '../untyped.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

const revocation = (changes: object = {}): Revocation => ({
  issuer: issuer.issuer,
  by: 'token',
  value: 'gone',
  expiresAt: Math.floor(Date.now() / 1000) + 3600,
  ...changes,
});
const news = (number: number, ...revocations: readonly Revocation[]): RevocationNews => ({
  position: { incarnation: 'one', number },
  snapshot: true,
  revocations,
});

function following(read: () => RevocationNews, onFailure?: (error: unknown) => unknown) {
  const failures: unknown[] = [];
  let wake = (): void => undefined;
  const denyList = createDenyList({
    source: { read: async () => read(), onNews: (given) => ((wake = given), () => undefined) },
    onFailure: onFailure ?? ((error) => void failures.push(error)),
  });
  onTestFinished(() => denyList.close());
  const verifier = trust(issuer, { denyList });
  const verdict = async (): Promise<unknown> =>
    verify(verifier, await issuer.accessToken({ jti: 'gone' })).catch(
      (error: { code: string }) => error.code,
    );
  return { denyList, failures, verdict, wake: () => wake() };
}

function thrown(value: unknown): never {
  throw value;
}

describe('a revocation', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['for ever', { expiresAt: Infinity }],
    ['of all that was issued so far', { issuedUntil: 9_999_999_999 }],
  ])('%s denies', async (_name, changes) => {
    const { denyList, verdict } = following(() => news(1, revocation(changes)));
    await denyList.ready();
    expect(await verdict()).toBe('ERR_TOKEN_REVOKED');
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['null for its end', { expiresAt: null }],
    ['no end', { expiresAt: undefined }],
    ['an end that is no number', { expiresAt: Number.NaN }],
    ['text for its end', { expiresAt: '9999999999' }],
    ['null for its cut-off', { issuedUntil: null }],
    ['a cut-off that is no number', { issuedUntil: Number.NaN }],
    ['a number for its value', { value: 7 }],
    ['no issuer', { issuer: undefined }],
  ])('with %s makes the source one that cannot be read: nobody is let in', async (_name, changes) => {
    const { failures, verdict } = following(() => news(1, revocation(untyped(changes))));
    await expect.poll(() => failures.length).toBe(1);
    expect(await verdict()).toBe('ERR_REVOCATION_UNKNOWN');
  });
});

describe('an answer that was out of date when it was given', () => {
  it.each<[string, number, unknown]>([
    ['within the bound, is good', 29_000, true],
    ['beyond it, lets nobody in', 31_000, 'ERR_REVOCATION_UNKNOWN'],
    ['by nobody knows how much, lets nobody in', Infinity, 'ERR_REVOCATION_UNKNOWN'],
  ])('%s', async (_name, age, expected) => {
    const { denyList, verdict } = following(() => ({ ...news(0), age }));
    await denyList.ready();
    const told = await verdict();
    expect(typeof told === 'string' ? told : true).toBe(expected);
  });

  it('does not make older what was known already', async () => {
    const ages = [0, 60_000];
    const { denyList, verdict, wake } = following(() => ({ ...news(0), age: ages.shift() ?? 60_000 }));
    await denyList.ready();
    wake();
    await expect.poll(() => ages).toEqual([]);
    expect(typeof (await verdict())).not.toBe('string');
  });

  it.each([-1, Number.NaN, '5', null])('is none with an age of %j', async (age) => {
    const { failures, verdict } = following(() => ({ ...news(0), ...untyped({ age }) }));
    await expect.poll(() => failures.length).toBe(1);
    expect(await verdict()).toBe('ERR_REVOCATION_UNKNOWN');
  });
});

describe('a source of revocations', () => {
  it('that goes back in its log brings nobody back', async () => {
    let answer = news(7, revocation());
    const { denyList, failures, verdict, wake } = following(() => answer);
    await denyList.ready();
    expect(await verdict()).toBe('ERR_TOKEN_REVOKED');
    answer = news(3);
    wake();
    await expect.poll(() => failures.length).toBe(1);
    expect(await verdict()).toBe('ERR_TOKEN_REVOKED');
    answer = { ...news(3), position: { incarnation: 'another', number: 3 } };
    wake();
    await expect.poll(verdict, { timeout: 5000 }).toMatchObject({ tokenId: 'gone' });
  });

  it.each<[string, () => unknown, string]>([
    ['throws', () => thrown(new Error('no room')), 'Error: no room'],
    ['throws what has no text', () => thrown(Object.create(null)), 'a value of type object'],
    ['rejects', () => Promise.reject(new Error('no room')), 'Error: no room'],
  ])('is read on, though whoever is told of its failures %s', async (_name, onFailure, what) => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    onTestFinished(() => void process.off('warning', listen));
    let down = true;
    const { denyList, verdict } = following(() => {
      if (down) throw new Error('down');
      return news(1);
    }, onFailure);
    await expect
      .poll(() => warnings.map(({ message }) => message))
      .toContainEqual(`"denyList.onFailure" threw: ${what}`);
    down = false;
    await denyList.ready();
    expect(await verdict()).toMatchObject({ tokenId: 'gone' });
  });
});
