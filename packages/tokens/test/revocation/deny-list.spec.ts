import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import {
  createDenyList,
  type DenyListOptions,
  type Revocation,
  type RevocationNews,
} from '@portcullis/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { trust, verify } from '../trust.ts';
import { Log } from './log.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

let offset = 0;
beforeEach(() => void (offset = 0));
const now = (): number => Date.now() + offset;
const pass = (seconds: number): void => void (offset += seconds * 1000);

const revoked = (value: string, more: Partial<Revocation> = {}): Revocation => ({
  issuer: issuer.issuer,
  by: 'token',
  value,
  expiresAt: Math.floor(Date.now() / 1000) + 3600,
  ...more,
});

function following(log: Log, options: Partial<DenyListOptions> = {}) {
  const failures: unknown[] = [];
  const denyList = createDenyList({
    source: log,
    now,
    interval: 0.1,
    onFailure: (error) => void failures.push(error),
    ...options,
  });
  onTestFinished(() => denyList.close());
  const verifier = trust(issuer, { denyList });
  const answer = async (jti: string): Promise<string> =>
    told(await issuer.accessToken({ jti, exp: now() / 1000 + 9e5 }));
  const told = (token: string): Promise<string> =>
    verify(verifier, token).then(
      () => 'good',
      (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
    );
  return { denyList, verifier, failures, answer, told };
}

/** Wakes, and is back once a reading is under way. */
async function reading(log: Log): Promise<void> {
  const asked = log.asked.length;
  log.wake();
  await expect.poll(() => log.asked.length, { interval: 5 }).toBeGreaterThan(asked);
}

const DENIED = 'ERR_TOKEN_REVOKED';
const BLIND = 'ERR_REVOCATION_UNKNOWN';

describe('a deny-list', () => {
  it('knows nothing before its first answer, and says so', async () => {
    const log = new Log();
    const held = Promise.withResolvers<void>();
    log.answer = async (after) => held.promise.then(() => log.truth(after));
    const { denyList, verifier, answer } = following(log);
    expect(denyList.isReady()).toBe(false);
    expect(verifier.isReady()).toBe(false);
    expect(await answer('a')).toBe(BLIND);
    held.resolve();
    await denyList.ready();
    await verifier.ready();
    expect(verifier.isReady()).toBe(true);
    expect(await answer('a')).toBe('good');
  });

  it('reads at once when it is woken, and at its interval when it is not', async () => {
    const log = new Log();
    const { denyList, answer } = following(log, { interval: 5 });
    await denyList.ready();
    log.deny(revoked('a'));
    await expect.poll(() => answer('a'), { timeout: 900 }).toBe(DENIED);
    const quiet = new Log();
    const patient = following(quiet, { interval: 0.1 });
    await patient.denyList.ready();
    quiet.denySilently(revoked('a'));
    await expect.poll(() => patient.answer('a'), { timeout: 900 }).toBe(DENIED);
    expect(quiet.asked.slice(0, 2)).toEqual([undefined, { incarnation: 'one', number: 0 }]);
  });

  it.each([0.1, 1, 2])(
    'loses no wake that comes while it reads, at an interval of %d s',
    async (interval) => {
      const log = new Log();
      const { denyList } = following(log, { interval });
      await denyList.ready();
      const held = Promise.withResolvers<void>();
      log.answer = async (after) => {
        const before = await log.truth(after);
        await held.promise;
        return before;
      };
      log.wake();
      log.deny(revoked('a')); // the reading under way has begun before
      log.answer = undefined;
      held.resolve();
      await expect.poll(() => denyList.size, { timeout: 500, interval: 10 }).toBe(1);
    },
  );

  it('comes back soon when it was woken during a reading that failed', async () => {
    const log = new Log();
    const { denyList, failures } = following(log, { interval: 1 });
    await denyList.ready();
    const held = Promise.withResolvers<never>();
    log.answer = () => held.promise;
    await reading(log);
    log.deny(revoked('a'));
    log.answer = undefined;
    held.reject(new Error('down'));
    await expect.poll(() => denyList.size, { timeout: 500, interval: 10 }).toBe(1);
    expect(failures).toHaveLength(1);
  });

  it('does not ask a source that wakes it in every failing reading without a pause', async () => {
    const log = new Log();
    log.answer = async () => {
      log.wake();
      throw new Error('down');
    };
    following(log);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(log.asked.length).toBeGreaterThanOrEqual(2);
    expect(log.asked.length).toBeLessThanOrEqual(6);
  });

  it('takes a snapshot for all there is', async () => {
    const log = new Log();
    log.denySilently(revoked('a'), revoked('b'));
    const { denyList, answer } = following(log);
    await denyList.ready();
    log.answer = async () => ({
      position: { incarnation: 'one', number: 3 },
      snapshot: true,
      revocations: [revoked('b')],
    });
    await expect.poll(() => denyList.size).toBe(1);
    expect([await answer('a'), await answer('b')]).toEqual(['good', DENIED]);
  });

  it('takes what is new beside what it knows, and loses none of a log that was trimmed', async () => {
    const log = new Log();
    log.denySilently(revoked('a'));
    const { denyList, answer } = following(log, { interval: 5 });
    await denyList.ready();
    log.deny(revoked('b'));
    await expect.poll(() => denyList.size).toBe(2);
    log.trimmedUpTo = 3;
    log.deny(revoked('c'), revoked('d'));
    await expect.poll(() => denyList.size).toBe(4);
    for (const jti of ['a', 'b', 'c', 'd']) expect(await answer(jti)).toBe(DENIED);
    expect(await answer('e')).toBe('good');
  });

  it('takes over another incarnation that comes with a snapshot', async () => {
    const log = new Log();
    log.denySilently(revoked('a'));
    const { denyList, answer, failures } = following(log);
    await denyList.ready();
    log.beginAnew('two');
    log.deny(revoked('b'));
    await expect.poll(() => answer('b')).toBe(DENIED);
    expect(await answer('a')).toBe('good');
    expect(failures).toEqual([]);
  });

  it('does not believe another incarnation that comes without one, and asks for it', async () => {
    const log = new Log();
    log.denySilently(revoked('a'));
    const { denyList, answer, failures } = following(log, { interval: 0.1 });
    await denyList.ready();
    log.answer = async () => ({
      position: { incarnation: 'two', number: 0 },
      snapshot: false,
      revocations: [],
    });
    await expect.poll(() => failures.length).toBeGreaterThan(0);
    expect(await answer('a')).toBe(DENIED);
    expect(await answer('b')).toBe('good'); // until the news are too old
    expect(denyList.isReady()).toBe(false);
    pass(31);
    expect([await answer('a'), await answer('b')]).toEqual([BLIND, BLIND]);
    log.answer = undefined;
    await expect.poll(() => answer('b'), { timeout: 2000 }).toBe('good');
    expect(log.asked.slice(1)).toContain(undefined);
    expect(await answer('a')).toBe(DENIED);
  });
});

describe('a source', () => {
  const position = { incarnation: 'one', number: 9 };
  const good = revoked;
  const garbage: readonly [string, () => unknown][] = [
    ['nothing', () => undefined],
    ['null', () => null],
    ['text', () => '[]'],
    ['a list', () => []],
    ['no position', () => ({ snapshot: true, revocations: [] })],
    ['an empty position', () => ({ position: {}, snapshot: true, revocations: [] })],
    [
      'a position without a number',
      () => ({ position: { incarnation: 'one' }, snapshot: true, revocations: [] }),
    ],
    ['no word on whether it is a snapshot', () => ({ position, revocations: [] })],
    ['a snapshot in words', () => ({ position, snapshot: 'true', revocations: [] })],
    ['no revocations', () => ({ position, snapshot: true })],
    ['revocations that are no list', () => ({ position, snapshot: true, revocations: {} })],
    ['null for a revocation', () => ({ position, snapshot: true, revocations: [null] })],
    [
      'a revocation without a time to live',
      () => ({ position, snapshot: true, revocations: [{ ...good('b'), expiresAt: undefined }] }),
    ],
    [
      'a revocation that lives until NaN',
      () => ({ position, snapshot: true, revocations: [{ ...good('b'), expiresAt: Number.NaN }] }),
    ],
    [
      'a date in words',
      () => ({ position, snapshot: true, revocations: [{ ...good('b'), expiresAt: '2030-01-01' }] }),
    ],
    [
      'null for a cut-off',
      () => ({ position, snapshot: true, revocations: [{ ...good('b'), issuedUntil: null }] }),
    ],
    [
      'a cut-off that is no number',
      () => ({ position, snapshot: true, revocations: [{ ...good('b'), issuedUntil: Number.NaN }] }),
    ],
    ['an unknown kind', () => ({ position, snapshot: true, revocations: [{ ...good('b'), by: 'tenant' }] })],
    [
      'a kind that every object has',
      () => ({ position, snapshot: true, revocations: [{ ...good('b'), by: 'constructor' }] }),
    ],
    ['a number for a name', () => ({ position, snapshot: true, revocations: [{ ...good('b'), value: 7 }] })],
    ['no issuer', () => ({ position, snapshot: true, revocations: [{ ...good('b'), issuer: undefined }] })],
  ];

  /** What a source without types could answer. */
  const untyped = (answer: unknown): RevocationNews => Object.assign(Object.create(null), { answer }).answer;

  it.each(garbage)('that answers %s has not answered', async (_name, answer) => {
    const log = new Log();
    log.denySilently(revoked('a'));
    const known = following(log);
    await known.denyList.ready();
    log.answer = async () => untyped(answer());
    await expect.poll(() => known.failures.length).toBeGreaterThan(0);
    expect(await known.answer('a')).toBe(DENIED);
    expect(await known.answer('c')).toBe('good');
    pass(31);
    expect(await known.answer('c')).toBe(BLIND);

    const fresh = following(log);
    await expect.poll(() => fresh.failures.length).toBeGreaterThan(0);
    expect(fresh.denyList.isReady()).toBe(false);
    expect(await fresh.answer('c')).toBe(BLIND);
    expect(await fresh.answer('a')).toBe(BLIND);
  });

  it.each<[string, Log['answer']]>([
    ['rejects', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['never answers', () => new Promise(() => undefined)],
  ])('that %s leaves what is known in force, and then everybody waiting', async (_name, failing) => {
    const log = new Log();
    log.denySilently(revoked('a'));
    const { denyList, answer, told } = following(log);
    await denyList.ready();
    log.answer = failing;
    pass(29);
    expect([await answer('a'), await answer('b')]).toEqual([DENIED, 'good']);
    pass(2);
    expect([await answer('a'), await answer('b')]).toEqual([BLIND, BLIND]);
    const token = await issuer.accessToken();
    expect(await told(token)).toBe(BLIND);
    expect(await told(token)).toBe(BLIND);
    expect(await told(spoiled.signature(token))).toBe('ERR_SIGNATURE_INVALID');
    expect(await told(await issuer.accessToken({ exp: 1 }))).toBe('ERR_TOKEN_EXPIRED');
    expect(await told('a.b.c')).toBe('ERR_TOKEN_MALFORMED');
  });

  it('that is back is followed within a second', async () => {
    const log = new Log();
    const { denyList, answer } = following(log, { interval: 5 });
    await denyList.ready();
    log.answer = () => Promise.reject(new Error('down'));
    log.wake();
    pass(31);
    expect(await answer('b')).toBe(BLIND);
    log.answer = undefined;
    log.denySilently(revoked('a'));
    await expect.poll(() => answer('a'), { timeout: 1200 }).toBe(DENIED);
    expect(await answer('b')).toBe('good');
  });

  it('that hangs is given up after five seconds, and asked again', async () => {
    const log = new Log();
    let ended: unknown;
    log.answer = (_after, signal) =>
      new Promise(() => signal.addEventListener('abort', () => void (ended = signal.reason)));
    const { denyList, failures, answer } = following(log);
    await expect.poll(() => failures.length, { timeout: 6000 }).toBe(1);
    expect(ended).toMatchObject({ name: 'TimeoutError' });
    expect(await answer('a')).toBe(BLIND);
    log.answer = undefined;
    await denyList.ready();
    expect(await answer('a')).toBe('good');
  });

  it('whose answer is old when it comes makes no news of it: they are as old as the question', async () => {
    const log = new Log();
    const { denyList, answer } = following(log, { interval: 0.1 });
    await denyList.ready();
    const held = Promise.withResolvers<void>();
    log.answer = async (after) => held.promise.then(() => log.truth(after));
    await reading(log);
    pass(31);
    log.answer = () => Promise.reject(new Error('down'));
    held.resolve();
    const asked = log.asked.length;
    await expect.poll(() => log.asked.length).toBeGreaterThan(asked);
    expect(await answer('a')).toBe(BLIND);
  });
});

describe('a deny-list that was closed', () => {
  it('asks nobody any more, hears nobody, and takes no answer that comes late', async () => {
    const log = new Log();
    const { denyList, failures } = following(log);
    await denyList.ready();
    expect(log.listeners).toBe(1);
    const held = Promise.withResolvers<void>();
    log.answer = async (after) => held.promise.then(() => log.truth(after));
    await reading(log);
    denyList.close();
    expect(log.listeners).toBe(0);
    log.deny(revoked('a'));
    held.resolve();
    const asked = log.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(log.asked).toHaveLength(asked);
    expect(denyList.size).toBe(0);
    expect(failures).toEqual([]);
  });

  it('stops to vouch for anybody when its news are old', async () => {
    const log = new Log();
    const { denyList, answer } = following(log);
    await denyList.ready();
    denyList.close();
    expect(await answer('a')).toBe('good');
    pass(31);
    expect(await answer('a')).toBe(BLIND);
  });
});

describe('a clock', () => {
  it('that steps back brings no revoked token back to life', async () => {
    const log = new Log();
    log.denySilently(revoked('a'));
    const { denyList, answer } = following(log);
    await denyList.ready();
    const token = 'a';
    pass(-3600);
    expect(await answer(token)).toBe(DENIED);
    log.wake();
    await expect.poll(() => log.asked.length).toBeGreaterThan(1);
    expect(await answer(token)).toBe(DENIED);
  });

  it('that was ahead for a while has not made it forget', async () => {
    const log = new Log();
    log.denySilently(revoked('a'));
    const { denyList, answer } = following(log);
    await denyList.ready();
    pass(2 * 3600);
    await expect.poll(() => denyList.size).toBe(0);
    pass(-2 * 3600);
    await expect.poll(() => denyList.size, { timeout: 900 }).toBe(1);
    expect(await answer('a')).toBe(DENIED);
    const asked = log.asked.length;
    await expect.poll(() => log.asked.length).toBeGreaterThan(asked + 1);
    expect(log.asked.at(-1)).toBeDefined(); // once is enough
  });

  it('that is the machine’s does not age the news when it is set', async () => {
    const log = new Log();
    const denyList = createDenyList({ source: log, interval: 0.1 });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    const verifier = trust(issuer, { denyList, now, clockTolerance: 60 });
    const token = await issuer.accessToken({ exp: Date.now() / 1000 + 9e5 });
    pass(600);
    expect(await verify(verifier, token)).toBeDefined();
  });
});

describe('the options of a deny-list', () => {
  it.each<[Partial<DenyListOptions>, RegExp]>([
    [{ maxStaleness: 0 }, /maxStaleness/],
    [{ maxStaleness: 301 }, /maxStaleness/],
    [{ maxStaleness: Number.NaN }, /maxStaleness/],
    [{ interval: 0 }, /interval/],
    [{ interval: 16 }, /interval/],
    [{ maxStaleness: 4, interval: 3 }, /interval/],
  ])('%j are refused by name', (options, named) => {
    expect(() => createDenyList({ source: new Log(), ...options })).toThrow(named);
    createDenyList({ source: new Log(), maxStaleness: 300, interval: 15 }).close();
  });

  it('may ask for fresh news alone: it is then read as often as that takes', async () => {
    const log = new Log();
    const denyList = createDenyList({ source: log, maxStaleness: 1 });
    onTestFinished(() => denyList.close());
    await denyList.ready();
    await expect.poll(() => log.asked.length, { timeout: 900, interval: 10 }).toBeGreaterThan(1);
  });

  it('say how old the news may be', async () => {
    const log = new Log();
    const { denyList, answer } = following(log, { maxStaleness: 2, interval: 1 });
    await denyList.ready();
    log.answer = () => Promise.reject(new Error('down'));
    pass(1.5);
    expect(await answer('a')).toBe('good');
    pass(1);
    expect(await answer('a')).toBe(BLIND);
  });
});
