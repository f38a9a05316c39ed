import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { createDenyList, type Revocation, type RevokedBy } from '@portcullis/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';
import { Log } from './log.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

/** Seconds since the epoch; a test may move it. */
let at = 0;
beforeEach(() => void (at = Math.floor(Date.now() / 1000)));
const now = (): number => at * 1000;

const TOLERANCE = 5;
/** Of tokens that are no one's but these tests'. */
const names = {
  jti: 'the-token',
  sid: 'the-session',
  gid: 'the-grant',
  sub: 'the-subject',
  client_id: 'the-client',
};
/** What a token itself names. */
type Named = Exclude<RevokedBy, 'key'>;
const valueOf: Readonly<Record<Named, string>> = {
  token: names.jti,
  session: names.sid,
  grant: names.gid,
  subject: names.sub,
  client: names.client_id,
};
const claimOf: Readonly<Record<Named, keyof typeof names>> = {
  token: 'jti',
  session: 'sid',
  grant: 'gid',
  subject: 'sub',
  client: 'client_id',
};
const kinds: readonly Named[] = ['token', 'session', 'grant', 'subject', 'client'];

const revoked = (by: Named, more: Partial<Revocation> = {}): Revocation => ({
  issuer: issuer.issuer,
  by,
  value: valueOf[by],
  expiresAt: at + 3600,
  ...more,
});

async function knowing(revocations: readonly Revocation[] = []) {
  const log = new Log();
  for (const revocation of revocations) log.denySilently(revocation);
  const denyList = createDenyList({ source: log, now });
  onTestFinished(() => denyList.close());
  await denyList.ready();
  const verifier = trust(issuer, { denyList, now, clockTolerance: TOLERANCE });
  const answer = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    issuer.accessToken({ ...names, iat: at, exp: at + 600, ...claims }).then(told);
  const told = (token: string): Promise<string> =>
    verify(verifier, token).then(
      () => 'good',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    );
  return { log, denyList, verifier, answer, told };
}

const DENIED = 'ERR_TOKEN_REVOKED';

describe.each(kinds)('a revocation by %s', (by) => {
  const claim = claimOf[by];

  it('denies what it names, seen before or not, and nothing else', async () => {
    const { log, denyList, answer, told } = await knowing();
    const token = await issuer.accessToken({ ...names, iat: at, exp: at + 600 });
    expect(await told(token)).toBe('good');
    log.deny(revoked(by));
    await expect.poll(() => denyList.size).toBe(1);
    expect(await told(token)).toBe(DENIED);
    expect(await told(token)).toBe(DENIED);
    expect(await answer()).toBe(DENIED);
    for (const other of [
      `${names[claim]} `,
      names[claim].toUpperCase(),
      'other',
      '__proto__',
      'constructor',
    ]) {
      expect([other, await answer({ [claim]: other })]).toEqual([other, 'good']);
    }
  });

  it('without a time denies tokens of any time', async () => {
    const { answer } = await knowing([revoked(by)]);
    for (const iat of [at - 500, at, at + TOLERANCE, undefined])
      expect([iat, await answer({ iat })]).toEqual([iat, DENIED]);
  });

  it.each<[string, number, string]>([
    ['long after the token was issued', 300, DENIED],
    ['in the second in which it was issued', 0, DENIED],
    ['just before, within what the issuer’s clock may be off', -TOLERANCE, DENIED],
    ['a second before that', -TOLERANCE - 1, 'good'],
    ['long before', -300, 'good'],
  ])('with a time %s', async (_name, until, expected) => {
    const { answer } = await knowing([revoked(by, { issuedUntil: at + until })]);
    expect(await answer({ iat: at })).toBe(expected);
    expect(await answer({ iat: undefined })).toBe(DENIED); // it may have been issued before any time
  });

  it('with a time holds against an issuer whose clock runs 60 s ahead', async () => {
    const log = new Log();
    log.denySilently(revoked(by, { issuedUntil: at }));
    const denyList = createDenyList({ source: log, now, maxStaleness: 300 });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    const verifier = trust(issuer, { denyList, now, clockTolerance: 60 });
    const ahead = await issuer.accessToken({ ...names, iat: at + 60, exp: at + 660 });
    await expect(verify(verifier, ahead)).rejects.toMatchObject({ code: DENIED });
    at += 61;
    const after = await issuer.accessToken({ ...names, iat: at, exp: at + 660 });
    expect(await verify(verifier, after)).toMatchObject({ subject: names.sub });
  });

  it('says nothing of tokens that do not name one, or of another issuer’s', async () => {
    const { answer } = await knowing([revoked(by, { issuer: 'https://other.example/' })]);
    expect(await answer()).toBe('good');
    const own = await knowing([revoked(by)]);
    if (claim !== 'sub') expect(await own.answer({ [claim]: undefined })).toBe('good');
    for (const issuerOfAnother of [
      issuer.issuer.slice(0, -1),
      `${issuer.issuer}/`,
      issuer.issuer.toUpperCase(),
      '',
    ]) {
      expect(await (await knowing([revoked(by, { issuer: issuerOfAnother })])).answer()).toBe('good');
    }
  });

  it('does not take what it names for another kind of name', async () => {
    const { answer } = await knowing([revoked(by)]);
    const swapped = Object.fromEntries(
      kinds.filter((kind) => kind !== by).map((kind) => [claimOf[kind], names[claim]]),
    );
    expect(await answer({ ...swapped, [claim]: 'other' })).toBe('good');
  });

  it.each<[string, readonly (number | undefined)[], readonly [number, string][]]>([
    [
      'the later one counts',
      [-100, -50],
      [
        [-55, DENIED],
        [-44, 'good'],
      ],
    ],
    [
      'the later one counts, even if it came first',
      [-50, -100],
      [
        [-55, DENIED],
        [-44, 'good'],
      ],
    ],
    ['one without a time counts for all times', [-100, undefined], [[0, DENIED]]],
    ['one without a time counts even if it came first', [undefined, -100], [[0, DENIED]]],
  ])('twice: %s', async (_name, times, expected) => {
    const revocations = times.map((until) =>
      revoked(by, until === undefined ? {} : { issuedUntil: at + until }),
    );
    const { answer, denyList } = await knowing(revocations);
    expect(denyList.size).toBe(1);
    for (const [iat, code] of expected) expect([iat, await answer({ iat: at + iat })]).toEqual([iat, code]);
  });
});

describe('a revocation', () => {
  it('outlives what it covers by a minute, and then goes', async () => {
    const { log, denyList } = await knowing([revoked('token', { expiresAt: at + 100 })]);
    const read = async (): Promise<void> => {
      const before = log.asked.length;
      log.wake();
      await expect.poll(() => log.asked.length).toBeGreaterThan(before);
      await expect.poll(() => denyList.isReady()).toBe(true);
    };
    at += 160;
    await read();
    expect(denyList.size).toBe(1);
    at += 1;
    await read();
    await expect.poll(() => denyList.size).toBe(0);
  });

  it('lives as long as the later of two says', async () => {
    const { log, denyList } = await knowing([
      revoked('token', { expiresAt: at + 500 }),
      revoked('token', { expiresAt: at + 100 }),
    ]);
    at += 300;
    log.deny(revoked('session'));
    await expect.poll(() => denyList.size).toBe(2);
  });

  it('is not told to whoever could not show a good token', async () => {
    const { answer, told } = await knowing(kinds.map((by) => revoked(by)));
    const token = await issuer.accessToken({ ...names, iat: at, exp: at + 600 });
    expect(await told(token)).toBe(DENIED);
    expect(await told(spoiled.signature(token))).toBe('ERR_SIGNATURE_INVALID');
    expect(await answer({ aud: 'https://other.example' })).toBe('ERR_AUDIENCE_MISMATCH');
    expect(await answer({ iat: at - 100, exp: at - 50 })).toBe('ERR_TOKEN_EXPIRED');
    expect(await answer({ cnf: { jkt: 'A'.repeat(43) } })).toBe('ERR_BINDING_REFUSED');
  });

  it('is found among a hundred thousand others, each of which counts once', async () => {
    const others = Array.from({ length: 100_000 }, (_, number) =>
      revoked(kinds[number % kinds.length] ?? 'token', { value: `other-${number}` }),
    );
    const { denyList, answer, log } = await knowing(others);
    expect(denyList.size).toBe(100_000);
    expect(await answer()).toBe('good');
    expect(await answer({ jti: 'other-0' })).toBe(DENIED);
    expect(await answer({ client_id: 'other-99999' })).toBe(DENIED);
    expect(await answer({ jti: 'other-1' })).toBe('good'); // that is a session
    log.deny(revoked('token'));
    await expect.poll(() => denyList.size).toBe(100_001);
    expect(await answer()).toBe(DENIED);
  });
});
