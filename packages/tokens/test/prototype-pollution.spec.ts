import { createTestIssuer } from '@portcullis/testing';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Verifier } from '@portcullis/tokens';
import { trust, verify } from './trust.ts';

const claims: Readonly<Record<string, unknown>> = {
  permissions: ['delete:items'],
  roles: ['admin'],
  scope: 'delete:items',
  sub: 'admin',
  client_id: 'first-party',
  azp: 'first-party',
  gty: 'client-credentials',
  exp: 4_000_000_000,
  aud: 'https://api.example',
  sid: 'session',
  auth_time: 1,
  acr: 'high',
  amr: ['mfa'],
};

afterEach(() => {
  for (const name of Object.keys(claims)) Reflect.deleteProperty(Object.prototype, name);
});

async function facts(verifier: Verifier, token: string): Promise<unknown> {
  try {
    const found = await verify(verifier, token);
    const sets = [found.scopes, found.claimedPermissions, found.claimedRoles].map((set) => set && [...set]);
    return { ...found, sets, amr: found.amr, claims: Object.entries(found.claims) };
  } catch (error) {
    return String(error);
  }
}

describe('a member on the prototype of all objects', () => {
  it.each(Object.entries(claims))('is no claim of a token: %s', async (name, value) => {
    const issuer = await createTestIssuer({ algorithm: 'ES256' });
    onTestFinished(() => issuer.stop());
    const [first, second] = [trust(issuer), trust(issuer)];
    await Promise.all([first.ready(), second.ready()]);
    const token = await issuer.accessToken({ [name]: undefined });
    const clean = await facts(first, token);
    Reflect.defineProperty(Object.prototype, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
    const polluted = await facts(second, token);
    Reflect.deleteProperty(Object.prototype, name);
    expect(polluted).toEqual(clean);
    expect(await facts(first, await issuer.accessToken({ [name]: value }))).not.toEqual(clean);
  });
});
