import { createVerifier } from '@portcullis/tokens';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '../src/changes/actor.ts';
import { ADMIN, MACHINE_SECRET, startForTest } from './support/identity.ts';
import { logIn, MENU_API, token, type Tokens } from './support/login.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;
beforeAll(async () => void (identity = await startForTest({ KEY_LEAD: '2' })));
afterAll(() => identity.stop());

const BY: Actor = { subject: 'an administrator' };
const kidOf = (jwt: string): string => String(decodeProtectedHeader(jwt).kid);

async function machineToken(): Promise<string> {
  const response = await token(identity.url, {
    grant_type: 'client_credentials',
    client_id: 'wab-machine',
    client_secret: MACHINE_SECRET,
    audience: MENU_API,
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as Tokens).access_token;
}

async function readKeySet() {
  const response = await fetch(`${identity.url}.well-known/jwks.json`);
  return createLocalJWKSet((await response.json()) as JSONWebKeySet);
}

const published = async (): Promise<(string | undefined)[]> => {
  const response = await fetch(`${identity.url}.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: Record<string, string>[] };
  for (const key of keys) expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  return keys.map(({ kid }) => kid);
};

it('three rotations while an API is asked 200 times a second: none of its callers is refused', async () => {
  // A clock that is moved beyond what an API waits between two readings of a key set.
  let ahead = 0;
  const verifier = createVerifier({
    issuer: identity.url,
    audience: MENU_API,
    clockTolerance: 60,
    now: () => Date.now() + ahead,
    verdictCache: { maxAge: 0 },
  });
  await verifier.ready();
  const tokens = [await machineToken()];
  const refused: unknown[] = [];
  const over = new AbortController();
  let asked = 0;
  const ask = async (jwt: string): Promise<void> => {
    asked += 1;
    await verifier.verify({ scheme: 'bearer', token: jwt });
  };
  const calling = async (): Promise<void> => {
    for (; !over.signal.aborted; await wait(10))
      for (const jwt of [tokens.at(-1) ?? '', tokens[asked % tokens.length] ?? ''])
        void ask(jwt).catch((error: unknown) => refused.push(error));
  };
  // Another one asks for no key that it does not know: it reads the key set by the clock alone.
  let keySet = await readKeySet();
  const reading = async (): Promise<void> => {
    for (; !over.signal.aborted; await wait(300)) keySet = await readKeySet();
  };
  const issuing = async (): Promise<void> => {
    for (; !over.signal.aborted; await wait(50)) {
      tokens.push(await machineToken());
      await jwtVerify(tokens.at(-1) ?? '', keySet).catch((error: unknown) => refused.push(error));
    }
  };
  const work = [calling(), reading(), issuing()];
  for (let rotation = 0; rotation < 3; rotation += 1) {
    const next = await identity.keys.rotate(BY);
    await expect.poll(() => kidOf(tokens.at(-1) ?? ''), { timeout: 10_000 }).toBe(next);
    const enough = asked + 200;
    await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(enough);
    ahead += 11_000;
  }
  over.abort();
  await Promise.all(work);
  verifier.close();
  expect(refused).toEqual([]);
  expect(new Set(tokens.map(kidOf)).size).toBe(4);
}, 60_000);

it('a revoked key is gone at once, and what it signed is refused', async () => {
  const { tokens } = await logIn(identity.url, ADMIN);
  const userinfo = () =>
    fetch(`${identity.url}userinfo`, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
  expect(decodeJwt(tokens.access_token).aud).toContain(`${identity.url}userinfo`);
  expect((await userinfo()).status).toBe(200);
  const kid = kidOf(tokens.access_token);
  expect((await published())[0]).toBe(kid);

  expect(await identity.keys.revoke(BY, kid)).toBe(true);
  const left = await published();
  expect(left).not.toContain(kid);
  expect((await userinfo()).status).toBe(401);
  expect(kidOf(await machineToken())).toBe(left[0]);
  const { tokens: anew } = await logIn(identity.url, ADMIN);
  expect([kidOf(anew.access_token), kidOf(anew.id_token ?? '')]).toEqual([left[0], left[0]]);
});

it('a former key knows its ID tokens still: whoever logs out is not asked', async () => {
  const { tokens, browser } = await logIn(identity.url, ADMIN);
  const hint = tokens.id_token ?? '';
  const next = await identity.keys.rotate(BY);
  await expect.poll(async () => kidOf(await machineToken()), { timeout: 10_000 }).toBe(next);
  expect(kidOf(hint)).not.toBe(next);
  const response = await browser.get(
    `${identity.url}oidc/logout?${new URLSearchParams({ id_token_hint: hint })}`,
  );
  expect(response.status).toBe(200);
});
