import { dirname } from 'node:path';
import { decodeProtectedHeader } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { administrate } from '../src/administrate.ts';
import { readSettings } from '../src/settings.ts';
import { startIdentity } from '../src/start-identity.ts';
import { ADMIN, startForTest } from './support/identity.ts';
import { logIn, refresh, type Tokens } from './support/login.ts';

// Each start of the app opens a database; several in one test add up on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const keyIds = async (issuer: string) => {
  const response = await fetch(`${issuer}.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: Record<string, string>[] };
  return { keys, ids: keys.map(({ kid }) => kid) };
};

describe('discovery', () => {
  it('names every endpoint under the issuer, and publishes public keys alone', async () => {
    const identity = await startForTest();
    try {
      const response = await fetch(`${identity.url}.well-known/openid-configuration`);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(await response.json()).toMatchObject({
        issuer: identity.url,
        authorization_endpoint: `${identity.url}authorize`,
        token_endpoint: `${identity.url}oauth/token`,
        revocation_endpoint: `${identity.url}oauth/revoke`,
        userinfo_endpoint: `${identity.url}userinfo`,
        end_session_endpoint: `${identity.url}oidc/logout`,
        jwks_uri: `${identity.url}.well-known/jwks.json`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
      });
      const { keys } = await keyIds(identity.url);
      // The one that signs, and the next.
      expect(keys).toHaveLength(2);
      for (const key of keys)
        expect(Object.keys(key).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      for (const path of ['live', 'ready']) {
        expect((await fetch(`${identity.url}health/${path}`)).status).toBe(200);
      }
    } finally {
      await identity.stop();
    }
  });
});

describe('a restart', () => {
  it('keeps keys, sessions and refresh tokens; after a rotation from the terminal the next key signs, and the former stays published', async () => {
    const first = await startForTest();
    const { tokens, browser } = await logIn(first.url, ADMIN);
    const before = await keyIds(first.url);
    const environment = {
      DATA_DIR: dirname(first.settings.directory),
      IDENTITY_PORT: String(first.settings.port),
      LOG_LEVEL: 'silent',
    };
    await expect(administrate('rotate-keys', environment)).rejects.toThrow('Another process already runs on');
    await first.stop();

    const second = await startIdentity(readSettings(environment));
    expect((await keyIds(second.url)).ids).toEqual(before.ids);
    const renewed = (await (await refresh(second.url, tokens.refresh_token ?? '')).json()) as Tokens;
    expect(renewed.access_token).toEqual(expect.any(String));
    await second.stop();

    const rotated = { ...environment, KEY_LEAD: '1' };
    expect(await administrate('rotate-keys', rotated)).toContain(before.ids[1]);
    const third = await startIdentity(readSettings(environment));
    // It takes its turn once it has been published for the lead, a second here.
    await expect.poll(async () => (await keyIds(third.url)).ids[0], { timeout: 5000 }).toBe(before.ids[1]);
    const after = await keyIds(third.url);
    expect(after.ids).toEqual([before.ids[1], expect.any(String), before.ids[0]]);
    const { tokens: signed } = await logIn(third.url, ADMIN, { prompt: 'none' }, browser);
    expect(decodeProtectedHeader(signed.access_token).kid).toBe(after.ids[0]);
    await third.stop();
  });

  it('with another KEY_ENCRYPTION_SECRET is refused', async () => {
    const first = await startForTest();
    await first.stop();
    const environment = {
      DATA_DIR: dirname(first.settings.directory),
      KEY_ENCRYPTION_SECRET: 'x'.repeat(32),
    };
    await expect(startIdentity(readSettings(environment))).rejects.toThrow(
      'KEY_ENCRYPTION_SECRET is not the one',
    );
  });
});
