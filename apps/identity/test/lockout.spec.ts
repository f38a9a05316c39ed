import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { loginFailure } from '../src/database/schema.ts';
import { LoginAttempts, type Attempt } from '../src/people/login-attempts.ts';
import { LoginLog } from '../src/people/login-log.ts';
import { networkOf } from '../src/people/network.ts';
import { Overloaded, Turnstile } from '../src/people/turnstile.ts';
import { Browser } from './support/browser.ts';
import { GUEST, startForTest, temporaryDirectory } from './support/identity.ts';
import { authorization, formAction, formToken, logIn } from './support/login.ts';

// Hashing is slow on purpose.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let identity: Awaited<ReturnType<typeof startForTest>>;
let issuer: string;

beforeAll(async () => {
  identity = await startForTest({
    TRUST_PROXY: '127.0.0.1,::1',
    KEY_ENCRYPTION_SECRET: 'a secret for tests that is long enough',
  });
  issuer = identity.url;
});
afterAll(() => identity.stop());

const TOO_MANY = 'too many attempts';
const WRONG = 'The e-mail address or the password is wrong.';
const WRONG_PASSWORD = 'certainly not it';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** A login page in a browser whose requests come from this address. */
async function loginPage(address: string, browser = browserAt(address)) {
  const page = await browser.follow(await browser.get(authorization(issuer, {}).url));
  const html = await page.text();
  return async (email: string, password: string): Promise<Answer> => {
    const form = { form_token: formToken(html), email, password };
    const before = performance.now();
    const response = await browser.post(formAction(html, 'login'), form);
    return {
      status: response.status,
      body: await response.text(),
      milliseconds: performance.now() - before,
    };
  };
}

const browserAt = (address: string): Browser => new Browser(issuer, { 'X-Forwarded-For': address });

describe('an account that is guessed at from one address', () => {
  const ATTACKER = '203.0.113.7';
  const NOBODY = 'nobody@example.com';
  const answers = { known: [] as Answer[], unknown: [] as Answer[] };
  let owner: Browser;
  let guess: (email: string, password: string) => Promise<Answer>;

  beforeAll(async () => {
    // The owner sits behind the same address as whoever guesses.
    owner = browserAt(ATTACKER);
    await logIn(issuer, GUEST, {}, owner);
    guess = await loginPage(ATTACKER);
    for (let tries = 0; tries < 12; tries++) {
      answers.known.push(await guess(GUEST.email, WRONG_PASSWORD));
      answers.unknown.push(await guess(NOBODY, WRONG_PASSWORD));
    }
  });

  it('is looked at ten times; then not even the right password is', async () => {
    expect(answers.known.map(({ body }) => body.includes(WRONG)).lastIndexOf(true)).toBe(9);
    expect((await guess(GUEST.email, GUEST.password)).body).toContain(TOO_MANY);
    // Nor does another browser at that address help.
    expect((await (await loginPage(ATTACKER))(GUEST.email, GUEST.password)).body).toContain(TOO_MANY);
  });

  it('answers as an address does that nobody has: same status, same page, same time', () => {
    const told = ({ status, body }: Answer, email: string) => ({ status, body: body.replaceAll(email, '') });
    expect(answers.known.map((one) => told(one, GUEST.email))).toEqual(
      answers.unknown.map((one) => told(one, NOBODY)),
    );
    expect(new Set(answers.known.map(({ status }) => status))).toEqual(new Set([401]));
    // Medians, on a machine that does other things as well.
    const [known, unknown] = [answers.known, answers.unknown].map((those) =>
      median(those.slice(0, 10).map(({ milliseconds }) => milliseconds)),
    );
    const ratio = (known ?? 0) / (unknown ?? 0);
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.33);
  });

  it('is open to its owner elsewhere', async () => {
    const { tokens } = await logIn(issuer, GUEST, {}, browserAt('203.0.113.8'));
    expect(tokens.access_token).toBeDefined();
  });

  it('is open to its owner’s browser, even there', async () => {
    // The login elsewhere started the account anew, but not what is counted at this address.
    expect((await guess(GUEST.email, GUEST.password)).body).toContain(TOO_MANY);
    const again = await owner.follow(await owner.get(authorization(issuer, { prompt: 'login' }).url));
    const html = await again.text();
    const form = { form_token: formToken(html), ...GUEST };
    expect((await owner.post(formAction(html, 'login'), form)).status).toBe(303);
  });

  it('is known by the address that the proxy saw, not by what was sent to the proxy', async () => {
    for (const spoofed of ['198.51.100.1', '127.0.0.1', 'nonsense']) {
      const attempt = await loginPage(`${spoofed}, ${ATTACKER}`);
      expect((await attempt(NOBODY, WRONG_PASSWORD)).body).toContain(TOO_MANY);
    }
  });
});

describe('attempts', () => {
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let attempts: LoginAttempts;
  beforeAll(async () => {
    database = await openDatabase(temporaryDirectory());
    attempts = new LoginAttempts(database.db, Buffer.alloc(32, 7));
  });
  afterAll(() => database.close());

  const from = (index: number) => `198.51.${index >> 8}.${index & 255}`;
  const letThrough = async (tries: readonly Attempt[]): Promise<number> => {
    const verdicts = await Promise.all(tries.map((attempt) => attempts.begin(attempt)));
    return verdicts.filter((verdict) => verdict === undefined).length;
  };
  const times = <Item>(length: number, item: (index: number) => Item) =>
    Array.from({ length }, (_, i) => item(i));

  it('at one account from many addresses are a hundred, then strangers wait; its own browser does not', async () => {
    const email = 'owner@example.com';
    expect(await letThrough(times(200, (index) => ({ email, address: from(index) })))).toBe(100);
    expect(await attempts.isLocked(email)).toBe(true);
    expect(await attempts.begin({ email, address: '192.0.2.1' })).toBe('limit_wc');
    expect(await attempts.begin({ email, address: '192.0.2.1', browser: 'its own' })).toBeUndefined();
    await attempts.succeeded({ email, address: '192.0.2.1', browser: 'its own' });
    await attempts.unlock({ id: 'portcullis|1', email });
    expect(await attempts.isLocked(email)).toBe(false);
    expect(await attempts.begin({ email, address: from(0) })).toBeUndefined();
  });

  it('that are refused at one address do not use up the account’s', async () => {
    const email = 'hammered@example.com';
    expect(await letThrough(times(150, () => ({ email, address: '192.0.2.50' })))).toBe(10);
    expect(await attempts.isLocked(email)).toBe(false);
    expect(await attempts.begin({ email, address: '192.0.2.51' })).toBeUndefined();
  });

  it('with one password at many accounts from one address are a hundred', async () => {
    const spray = times(200, (index) => ({ email: `user${index}@example.com`, address: '192.0.2.100' }));
    expect(await letThrough(spray)).toBe(100);
    expect(await attempts.begin({ email: 'next@example.com', address: '192.0.2.100' })).toBe('limit_mu');
    expect(await attempts.begin({ email: 'next@example.com', address: '192.0.2.101' })).toBeUndefined();
  });

  it('that were right are not counted', async () => {
    const attempt = { email: 'right@example.com', address: '192.0.2.150' };
    for (let tries = 0; tries < 15; tries++) {
      expect(await attempts.begin(attempt)).toBeUndefined();
      await attempts.succeeded(attempt);
    }
  });

  it('are forgotten after a quarter of an hour of rest, and not before', async () => {
    const attempt = { email: 'patient@example.com', address: '192.0.2.200' };
    await letThrough(times(12, () => attempt));
    const past = (minutes: number) =>
      database.db.update(loginFailure).set({ until: new Date(Date.now() - minutes * 60_000) });
    expect(await attempts.begin(attempt)).toBe('limit_wc');
    await past(1);
    expect(await attempts.begin(attempt)).toBeUndefined();
    await past(1);
    await attempts.sweep();
    expect(await database.db.select().from(loginFailure)).toEqual([]);
  });

  it('leave nothing behind that says who was tried, or from where', async () => {
    await attempts.begin({ email: 'Secret@Example.com', address: '192.0.2.222' });
    const rows = JSON.stringify(await database.db.select().from(loginFailure));
    expect(rows).not.toMatch(/secret|192\.0/i);
  });
});

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:DB8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the log', () => {
  it('has the first failures of a minute line by line, and the rest as numbers', () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const loginLog = new LoginLog(log);
    for (let index = 0; index < 500; index++) {
      loginLog.failed({ type: index % 2 === 0 ? 'fp' : 'fu', address: '192.0.2.1', client: 'wab-dashboard' });
    }
    loginLog.flush();
    expect(lines).toHaveLength(61);
    expect(lines[0]).toMatchObject({ type: 'fp', address: '192.0.2.1', msg: 'login failed' });
    expect(lines[60]).toMatchObject({ counted: { fp: 220, fu: 220 }, msg: 'more logins failed' });
  });
});

describe('hashing', () => {
  it('lets a few through at once, a bounded number wait, and turns away the rest', async () => {
    const turnstile = new Turnstile({ atOnce: 2, longestQueue: 3 });
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 10));
      inside -= 1;
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => turnstile.pass(work)));
    expect(most).toBe(2);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(Overloaded);
    }
    await expect(turnstile.pass(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    await turnstile.pass(work);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
}
