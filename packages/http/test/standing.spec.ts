import { createAuthenticator, Refusal, type AuthenticatorOptions } from '@portcullis/http';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { VerificationUnavailable } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer({ algorithm: 'ES256' })));
afterAll(() => issuer.stop());

function authenticator(options: Partial<AuthenticatorOptions> = {}) {
  const made = createAuthenticator({ issuer: issuer.issuer, audience: issuer.audience, ...options });
  onTestFinished(() => made.verifier.close());
  return made;
}

const head = (authorization: string) => ({ rawHeaders: ['authorization', authorization] });

async function attended(options: Partial<AuthenticatorOptions> = {}, claims: Record<string, unknown> = {}) {
  const token = await issuer.accessToken(claims);
  const standing = await authenticator(options).attend(head(`Bearer ${token}`));
  if (standing === undefined || standing instanceof Refusal) throw new Error('nobody was let in');
  return { standing, token };
}

describe('somebody who attends', () => {
  it('is the Caller that a request would have', async () => {
    const made = authenticator();
    const authorization = `Bearer ${await issuer.accessToken({ sub: 'user|7' })}`;
    const caller = await made.authenticate(head(authorization));
    expect(await made.attend(head(authorization))).toMatchObject({ caller });
  });

  it.each<[string, string, number]>([
    ['a token that is none', 'Bearer a.b.c', 401],
    ['no token', 'Bearer', 400],
    ['broken grammar', 'Bearer a b', 400],
  ])('is refused as a request is: %s', async (_case, authorization, status) => {
    expect(await authenticator().attend(head(authorization))).toMatchObject({ status });
  });

  it('is nobody without a credential', async () => {
    expect(await authenticator().attend({ rawHeaders: [] })).toBeUndefined();
  });

  it('is no longer when the token has expired', async () => {
    let at = Date.now();
    const exp = Math.floor(at / 1000) + 60;
    const { standing } = await attended({ now: () => at, clockTolerance: 0 }, { exp });
    expect(standing.refusal()).toBeUndefined();
    at += 61_000;
    expect(standing.refusal()).toMatchObject({ status: 401, problem: { code: 'ERR_TOKEN_EXPIRED' } });
    expect(await standing.renewed()).toMatchObject({ status: 401 });
  });

  it('may what the permissions of now say', async () => {
    let names: ReadonlySet<string> = new Set(['read:items']);
    const { standing } = await attended({
      permissions: { permissionsOf: () => ({ names, sources: new Map(), withheld: new Set() }) },
    });
    const before = standing.caller;
    names = new Set();
    expect(await standing.renewed()).toMatchObject({ permissions: new Set() });
    expect(standing.caller.permissions).toEqual(new Set());
    expect(before.permissions).toEqual(new Set(['read:items']));
  });

  it('gets 503, and no pass, while permissions cannot be had', async () => {
    class Unavailable extends VerificationUnavailable {
      readonly code = 'ERR_ISSUER_UNAVAILABLE';
    }
    let broken = false;
    const { standing } = await attended({
      permissions: {
        permissionsOf() {
          if (broken) throw new Unavailable('out of reach', 1);
          return { names: new Set(), sources: new Map(), withheld: new Set() };
        },
      },
    });
    broken = true;
    expect(await standing.renewed()).toMatchObject({ status: 503 });
  });

  it('leaves its token nowhere to be found', async () => {
    const { standing, token } = await attended();
    const { inspect } = await import('node:util');
    expect(inspect(standing, { depth: 10, showHidden: true })).not.toContain(token);
  });
});
