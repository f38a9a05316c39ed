import { describe, expect, it } from 'vitest';
import { trust, verify } from '../trust.ts';
import { asking, askedBySecret, issuing } from './asking.ts';

describe('an active answer that is remembered', () => {
  it('serves within its age, and is asked for anew after it', async () => {
    const { issuer, verifier, pass } = await asking();
    const token = issuer.opaqueToken();
    for (const [after, visits] of [
      [0, 1],
      [0, 1],
      [29, 1],
      [2, 2],
      [28, 2],
      [3, 3],
    ] as const) {
      pass(after);
      expect(await verify(verifier, token)).toMatchObject({ subject: 'user|1' });
      expect(issuer.visits.introspection).toBe(visits);
    }
  });

  it('serves for as long as the options say', async () => {
    const { issuer, verifier, pass } = await asking({ maxAge: 5 });
    const token = issuer.opaqueToken();
    expect(await verify(verifier, token)).toBeDefined();
    pass(4);
    expect(await verify(verifier, token)).toBeDefined();
    expect(issuer.visits.introspection).toBe(1);
    pass(2);
    expect(await verify(verifier, token)).toBeDefined();
    expect(issuer.visits.introspection).toBe(2);
  });

  it('never serves when it may be 0 seconds old', async () => {
    const { issuer, verifier } = await asking({ maxAge: 0 });
    const token = issuer.opaqueToken();
    for (const visits of [1, 2, 3]) {
      expect(await verify(verifier, token)).toBeDefined();
      expect(issuer.visits.introspection).toBe(visits);
    }
    issuer.revoke(token);
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
  });

  it('does not outlive the token’s exp', async () => {
    const { issuer, verifier, now, pass } = await asking({ maxAge: 300 }, { clockTolerance: 0 });
    const exp = Math.floor(now() / 1000) + 20;
    const token = issuer.opaqueToken({ exp });
    expect(await verify(verifier, token)).toMatchObject({ expiresAt: exp });
    pass(15);
    expect(await verify(verifier, token)).toBeDefined();
    pass(6);
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_EXPIRED' });
  });

  it('hides that the token was revoked for its age, and no longer', async () => {
    const { issuer, verifier, pass } = await asking();
    const token = issuer.opaqueToken();
    expect(await verify(verifier, token)).toBeDefined();
    issuer.revoke(token);
    pass(29);
    expect(await verify(verifier, token)).toBeDefined();
    pass(2);
    for (let time = 0; time < 2; time++) {
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    }
  });

  it('is of one token: another of the same ending is asked about', async () => {
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken();
    expect(await verify(verifier, token)).toBeDefined();
    for (const other of [`x${token}`, `x${token.slice(1)}`, token.slice(1), `${token}x`]) {
      await expect(verify(verifier, other)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    }
    expect(await verify(verifier, token)).toBeDefined();
  });

  it('goes with an emergency purge', async () => {
    const { issuer, verifier } = await asking();
    const token = issuer.opaqueToken();
    expect(await verify(verifier, token)).toBeDefined();
    await verifier.reloadKeys();
    expect(await verify(verifier, token)).toBeDefined();
    issuer.revoke(token);
    await verifier.reloadKeys();
    await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    expect(issuer.visits.introspection).toBe(3);
  });

  it('is none when it was on its way at the purge: the token is asked about again', async () => {
    const { issuer, verifier } = await asking();
    const [revoked, good] = [issuer.opaqueToken(), issuer.opaqueToken()];
    // What is asked now is answered later: with what holds now.
    issuer.answerIntrospectionWith({ delay: 100 });
    const waiting = [revoked, good].map((token) =>
      verify(verifier, token).then(
        () => 'accepted',
        (error: { code?: unknown }) => error.code,
      ),
    );
    await expect.poll(() => issuer.visits.introspection, { interval: 5 }).toBe(2);
    issuer.revoke(revoked);
    await verifier.reloadKeys();
    expect(await Promise.all(waiting)).toEqual(['ERR_TOKEN_INACTIVE', 'accepted']);
    await expect(verify(verifier, revoked)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    expect(await verify(verifier, good)).toBeDefined();
  });

  it('is of one verifier: the same text at two issuers is two tokens', async () => {
    const [one, other] = [await issuing(), await issuing()];
    const [ofOne, ofOther] = [one, other].map((issuer) =>
      trust(issuer, { tokenFormat: 'opaque', introspection: askedBySecret(issuer) }),
    );
    if (ofOne === undefined || ofOther === undefined) throw new Error('two were made');
    const token = one.opaqueToken();
    for (let time = 0; time < 2; time++) {
      expect(await verify(ofOne, token)).toMatchObject({ issuer: one.issuer });
      await expect(verify(ofOther, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    }
    const body = { active: true, sub: 'user|2', aud: other.audience, exp: Date.now() / 1000 + 60 };
    other.answerIntrospectionWith({ status: 200, body });
    expect(await verify(ofOther, token)).toMatchObject({ issuer: other.issuer, subject: 'user|2' });
    expect(await verify(ofOne, token)).toMatchObject({ issuer: one.issuer, subject: 'user|1' });
    expect(one.visits.introspection).toBe(1);
  });
});

describe('an answer that is not active', () => {
  it('is never remembered: junk fills nothing, and a token may become good', async () => {
    const { issuer, verifier } = await asking(
      { perAddress: 10_000, maxConcurrent: 100 },
      { verdictCache: { maxEntries: 4 } },
    );
    const good = issuer.opaqueToken();
    expect(await verify(verifier, good)).toBeDefined();
    const junk = Array.from({ length: 40 }, (_, index) => `junk-${index}`);
    for (const token of [...junk, ...junk]) {
      await expect(verify(verifier, token)).rejects.toMatchObject({ code: 'ERR_TOKEN_INACTIVE' });
    }
    expect(issuer.visits.introspection).toBe(81);
    expect(await verify(verifier, good)).toBeDefined();
    expect(issuer.visits.introspection).toBe(81);

    const body = { active: true, sub: 'user|1', aud: issuer.audience, exp: Date.now() / 1000 + 60 };
    issuer.answerIntrospectionWith({ status: 200, body });
    expect(await verify(verifier, 'junk-0')).toMatchObject({ subject: 'user|1' });
  });
});

describe('the age of a remembered answer', () => {
  it.each([-1, 301, Number.NaN, Number.POSITIVE_INFINITY])('cannot be %d', async (maxAge) => {
    const issuer = await issuing();
    const of = (age: number) => () =>
      trust(issuer, { tokenFormat: 'opaque', introspection: { ...askedBySecret(issuer), maxAge: age } });
    expect(of(maxAge)).toThrow(/"introspection.maxAge"/);
    expect(of(300)).not.toThrow();
  });
});
