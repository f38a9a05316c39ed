import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import {
  createDenyList,
  RevocationUnknown,
  TokenExpired,
  TokenRevoked,
  type Revocation,
} from '@portcullis/tokens';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { trust, verify } from '../trust.ts';
import { Log } from './log.ts';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

/** Seconds since the epoch; a test may move it. */
let at = 0;
beforeEach(() => void (at = Math.floor(Date.now() / 1000)));
const now = (): number => at * 1000;

const denied = (value: string): Revocation => ({
  issuer: issuer.issuer,
  by: 'session',
  value,
  expiresAt: at + 3600,
});

async function following() {
  const log = new Log();
  const denyList = createDenyList({ source: log, now, maxStaleness: 30 });
  onTestFinished(() => denyList.close());
  await denyList.ready();
  return { log, denyList, verifier: trust(issuer, { denyList, now, clockTolerance: 5 }) };
}

describe('an authentication that is asked about again', () => {
  it('holds until it expires, by the same tolerance as when it was new', async () => {
    const { verifier, log } = await following();
    const known = await verify(verifier, await issuer.accessToken({ exp: at + 20 }));
    at += 24;
    log.wake();
    await verifier.recheck(known);
    at += 1;
    expect(() => verifier.recheck(known)).toThrow(TokenExpired);
  });

  it('no longer holds once it is revoked', async () => {
    const { verifier, log } = await following();
    const [one, two] = [
      await verify(verifier, await issuer.accessToken({ sid: 'one' })),
      await verify(verifier, await issuer.accessToken({ sid: 'two' })),
    ];
    log.deny(denied('one'));
    await vi.waitFor(() => expect(() => verifier.recheck(one)).toThrow(TokenRevoked));
    expect(() => verifier.recheck(two)).not.toThrow();
  });

  it('cannot be vouched for when there was no news for too long', async () => {
    const { verifier } = await following();
    const known = await verify(verifier, await issuer.accessToken());
    at += 31;
    expect(() => verifier.recheck(known)).toThrow(RevocationUnknown);
  });

  it('is asked of an issuer that has to be resolved', async () => {
    const verifier = trust(issuer, {
      issuer: async (name) => (name === issuer.issuer ? { issuer: name } : undefined),
      now,
    });
    const known = await verify(verifier, await issuer.accessToken({ exp: at + 20 }));
    await verifier.recheck(known);
    at += 30;
    await expect((async () => verifier.recheck(known))()).rejects.toThrow(TokenExpired);
  });
});

describe('a listener for revocations', () => {
  it('is called when some came, after they are in force, until it ends', async () => {
    const { verifier, log } = await following();
    const known = await verify(verifier, await issuer.accessToken({ sid: 'one' }));
    const answers: string[] = [];
    const end = verifier.onRevocations(() => {
      try {
        void verifier.recheck(known);
        answers.push('good');
      } catch {
        answers.push('revoked');
      }
    });
    log.wake(); // without news
    log.deny(denied('one'));
    await vi.waitFor(() => expect(answers).toEqual(['revoked']));
    end();
    const read = log.asked.length;
    log.deny(denied('two'));
    await vi.waitFor(() => expect(log.asked.length).toBeGreaterThan(read));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answers).toEqual(['revoked']);
  });

  it('is never called without a deny-list', () => {
    const verifier = trust(issuer);
    expect(verifier.onRevocations(() => expect.unreachable())()).toBeUndefined();
  });

  it('that throws is a process warning, and the others hear', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const { verifier, log } = await following();
    let heard = 0;
    verifier.onRevocations(() => {
      throw new Error('not today');
    });
    verifier.onRevocations(() => void heard++);
    log.deny(denied('one'));
    expect(await warned).toMatchObject({ code: 'PORTCULLIS_OBSERVER' });
    expect(heard).toBe(1);
  });
});
