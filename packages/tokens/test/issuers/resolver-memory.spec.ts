import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { createVerifier, type IssuerOptions, type IssuerResolver, type Verifier } from '@portcullis/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { verify } from '../trust.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

let offset = 0;
const now = (): number => Date.now() + offset;
const pass = (seconds: number): void => void (offset += seconds * 1000);
beforeEach(() => void (offset = 0));

/** A verifier that trusts whom the function does, and the names that the function was asked about. */
function resolving(resolver: IssuerResolver): { readonly verifier: Verifier; readonly asked: string[] } {
  const asked: string[] = [];
  const verifier = createVerifier({
    issuer: (named) => {
      asked.push(named);
      return resolver(named);
    },
    audience: issuer.audience,
    now,
  });
  onTestFinished(() => verifier.close());
  return { verifier, asked };
}

/** Of a tenant whose keys are those of the one issuer that is there. */
const tenant = (index: number): string => `https://tenant-${index}.example/`;
const withItsKeys = (named: string): IssuerOptions => ({ issuer: named, jwksUri: issuer.jwksUri });
const tokenOf = (index: number): Promise<string> => issuer.accessToken({ iss: tenant(index) });

async function codeOf(verdict: Promise<unknown>): Promise<unknown> {
  return verdict.then(
    () => 'accepted',
    (error: { code?: unknown }) => error.code,
  );
}

describe('an issuer that a function has vouched for', () => {
  it('is asked about once', async () => {
    const { verifier, asked } = resolving(withItsKeys);
    for (let time = 0; time < 3; time++) expect(await verify(verifier, await tokenOf(1))).toBeDefined();
    expect(asked).toEqual([tenant(1)]);
  });

  it('is asked about once for many requests at the same time', async () => {
    const { verifier, asked } = resolving(async (named) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return withItsKeys(named);
    });
    const tokens = await Promise.all(Array.from({ length: 50 }, () => tokenOf(1)));
    const visits = issuer.visits.keys;
    expect(await Promise.all(tokens.map((token) => verify(verifier, token)))).toHaveLength(50);
    expect(asked).toEqual([tenant(1)]);
    expect(issuer.visits.keys).toBe(visits + 1);
  });

  it('stays while it is used: of more than 100, the one unused for longest goes and is asked about anew', async () => {
    const { verifier, asked } = resolving(withItsKeys);
    for (let index = 0; index < 100; index++) await verify(verifier, await tokenOf(index));
    await verify(verifier, await tokenOf(0));
    expect(asked).toHaveLength(100);
    await verify(verifier, await tokenOf(100)); // tenant 1 has to go

    asked.length = 0;
    await verify(verifier, await tokenOf(0));
    expect(asked).toEqual([]);
    expect(await verify(verifier, await tokenOf(1))).toMatchObject({ issuer: tenant(1) });
    expect(asked).toEqual([tenant(1)]);
  });

  it('that had to go has its keys fetched no more', async () => {
    const broken = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => broken.stop());
    const { verifier } = resolving((named) =>
      named === tenant(0) ? { issuer: named, jwksUri: broken.jwksUri } : withItsKeys(named),
    );
    // Until its first answer it is asked every second.
    broken.answerKeysWith({ status: 500 });
    expect(await codeOf(verify(verifier, await tokenOf(0)))).toBe('ERR_ISSUER_UNAVAILABLE');
    await expect.poll(() => broken.visits.keys, { timeout: 3000 }).toBeGreaterThan(1);
    for (let index = 1; index <= 100; index++) await verify(verifier, await tokenOf(index));
    const visits = broken.visits.keys;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(broken.visits.keys).toBe(visits);
  });
});

describe('an issuer that a function has refused', () => {
  it('is refused without being asked about for a minute', async () => {
    const { verifier, asked } = resolving(() => undefined);
    const token = await tokenOf(1);
    const refusals = async () => {
      expect(await codeOf(verify(verifier, token))).toBe('ERR_TOKEN_UNTRUSTED');
      return asked.length;
    };
    expect(await refusals()).toBe(1);
    expect(await refusals()).toBe(1);
    pass(59);
    expect(await refusals()).toBe(1);
    pass(2);
    expect(await refusals()).toBe(2);
    expect(await refusals()).toBe(2);
  });

  it('may be trusted after that minute', async () => {
    let known = false;
    const { verifier } = resolving((named) => (known ? withItsKeys(named) : undefined));
    const token = await tokenOf(1);
    expect(await codeOf(verify(verifier, token))).toBe('ERR_TOKEN_UNTRUSTED');
    known = true;
    expect(await codeOf(verify(verifier, token))).toBe('ERR_TOKEN_UNTRUSTED');
    pass(61);
    expect(await codeOf(verify(verifier, token))).toBe('accepted');
  });

  it('does not push out one that is trusted', async () => {
    const { verifier, asked } = resolving((named) => (named === tenant(0) ? withItsKeys(named) : undefined));
    expect(await codeOf(verify(verifier, await tokenOf(0)))).toBe('accepted');
    for (let index = 1; index < 300; index++) await codeOf(verify(verifier, madeUp(index)));
    expect(asked).toHaveLength(300);
    expect(await codeOf(verify(verifier, await tokenOf(0)))).toBe('accepted');
    expect(asked).toHaveLength(300);
  });
});

describe('10,000 made-up issuers', () => {
  it('cost a slow function 32 questions at once, and the others 503', async () => {
    let running = 0;
    let most = 0;
    const { verifier, asked } = resolving(async (named) => {
      if (named === tenant(0)) return withItsKeys(named);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 100));
      running--;
      return undefined;
    });
    const good = await tokenOf(0);
    expect(await codeOf(verify(verifier, good))).toBe('accepted');
    const flood = Array.from({ length: 10_000 }, (_, index) => codeOf(verify(verifier, madeUp(index))));
    // Whoever is known does not wait for them.
    expect(await codeOf(verify(verifier, await tokenOf(0)))).toBe('accepted');
    const codes = Map.groupBy(await Promise.all(flood), (code) => code);
    expect(most).toBe(32);
    expect(asked).toHaveLength(33);
    expect(codes.get('ERR_TOKEN_UNTRUSTED')).toHaveLength(32);
    expect(codes.get('ERR_ISSUER_UNAVAILABLE')).toHaveLength(9968);
  });

  it('leave behind what a thousand do', async () => {
    const verifier = createVerifier({ issuer: () => undefined, audience: issuer.audience });
    onTestFinished(() => verifier.close());
    const flood = async (from: number, to: number): Promise<number> => {
      for (let index = from; index < to; index++) {
        await codeOf(verify(verifier, madeUp(index, 'x'.repeat(2000))));
      }
      return used();
    };
    const before = await flood(0, 2000);
    // All their names together would be 16 MB.
    const after = await flood(2000, 10_000);
    expect(after - before).toBeLessThan(4 * 1024 * 1024);
  });

  it('are not asked about when no issuer could have such a name', async () => {
    const { verifier, asked } = resolving(withItsKeys);
    for (const iss of [
      '',
      'x',
      'http://a.example/',
      'https://a.example/?b',
      `https://${'a'.repeat(2048)}/`,
    ]) {
      expect(await codeOf(verify(verifier, await issuer.accessToken({ iss })))).toBe('ERR_TOKEN_UNTRUSTED');
    }
    expect(asked).toEqual([]);
    expect(await codeOf(verify(verifier, await tokenOf(0)))).toBe('accepted');
    expect(asked).toEqual([tenant(0)]);
  });
});

/** Of the right form; nobody gets as far as its signature. */
function madeUp(index: number, path = ''): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const iss = `https://made-up-${index}.example/${path}`;
  return `${part({ alg: 'ES256' })}.${part({ iss })}.${Buffer.alloc(64, 1).toString('base64url')}`;
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

async function used(): Promise<number> {
  if (typeof collectGarbage !== 'function') throw new Error('there is no collector to call');
  for (let time = 0; time < 3; time++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}
