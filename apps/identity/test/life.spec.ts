import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { eq } from 'drizzle-orm';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { administrate } from '../src/administrate.ts';
import { openDatabase } from '../src/database/database.ts';
import { artifact, user } from '../src/database/schema.ts';
import { readSettings } from '../src/settings.ts';
import { startIdentity } from '../src/start-identity.ts';
import { Browser } from './support/browser.ts';
import {
  ADMIN,
  freePort,
  GUEST,
  MACHINE_SECRET,
  startForTest,
  temporaryDirectory,
} from './support/identity.ts';
import { authorization, authorize, logIn, MENU_API, refresh, token, type Tokens } from './support/login.ts';

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
      expect(keys).toHaveLength(1);
      expect(Object.keys(keys[0] ?? {}).toSorted()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      for (const path of ['live', 'ready']) {
        expect((await fetch(`${identity.url}health/${path}`)).status).toBe(200);
      }
    } finally {
      await identity.stop();
    }
  });
});

describe('a restart', () => {
  it('keeps keys, sessions and refresh tokens; a rotation adds a key and keeps the former published', async () => {
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

    await administrate('rotate-keys', environment);
    const third = await startIdentity(readSettings(environment));
    const after = await keyIds(third.url);
    expect(after.ids).toHaveLength(2);
    expect(after.ids[1]).toBe(before.ids[0]);
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

describe('the seeded passwords', () => {
  it('are shown when they are made and never again; reset-seed makes new ones', async () => {
    const environment = { DATA_DIR: temporaryDirectory(), LOG_LEVEL: 'silent' };
    const port = async () => ({ IDENTITY_PORT: String(await freePort()) });
    const first = await startIdentity(readSettings({ ...environment, ...(await port()) }));
    const shown = first.notices?.join('\n') ?? '';
    const password = /admin@example\.com with (\S+)/.exec(shown)?.[1] ?? '';
    expect(password).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    await logIn(first.url, { email: ADMIN.email, password });
    await first.stop();

    const second = await startIdentity(readSettings({ ...environment, ...(await port()) }));
    const later = second.notices?.join('\n') ?? '';
    expect(later).not.toContain(password);
    expect(later).toContain('admin@example.com');
    expect(later).toContain('npm run identity reset-seed');
    await second.stop();

    const printed = await administrate('reset-seed', environment);
    const fresh = /admin@example\.com: (\S+)/.exec(printed)?.[1] ?? '';
    const third = await startIdentity(readSettings({ ...environment, ...(await port()) }));
    await logIn(third.url, { email: ADMIN.email, password: fresh });
    await expect(logIn(third.url, { email: ADMIN.email, password })).rejects.toThrow('login failed');
    await third.stop();
    const database = allFiles(join(environment.DATA_DIR, 'identity'));
    for (const secret of [password, fresh]) expect(database.includes(secret)).toBe(false);
  });

  it('set by the environment are not shown', async () => {
    const identity = await startForTest();
    expect(identity.notices?.join('\n')).not.toContain(ADMIN.password);
    expect(identity.notices?.join('\n')).not.toContain(GUEST.password);
    await identity.stop();
  });
});

describe('what lies on the disk', () => {
  it('holds no token, code or session identifier that could be presented', async () => {
    const identity = await startForTest();
    const { tokens, browser } = await logIn(identity.url, ADMIN);
    const opaque = await logIn(identity.url, ADMIN, { audience: '' });
    const unfinished = await browser.get(authorization(identity.url, { prompt: 'login' }).url);
    const interaction = unfinished.headers.get('location')?.split('/').at(-1);
    await identity.stop();
    const database = await openDatabase(identity.settings.directory);
    const rows = JSON.stringify(await database.db.select().from(artifact));
    await database.close();
    expect(rows).toContain('wab-dashboard');
    const session = browser.cookie('portcullis.identity.session');
    for (const secret of [tokens.refresh_token, opaque.tokens.access_token, session, interaction]) {
      expect(secret).toEqual(expect.any(String));
      expect(rows).not.toContain(secret);
    }
    const secretFile = join(identity.settings.directory, 'key-encryption.secret');
    expect(statSync(secretFile).mode & 0o777).toBe(0o600);
  });
});

describe('a blocked user', () => {
  it('can neither log in, nor refresh, nor use the session that is still there', async () => {
    const first = await startForTest();
    const { tokens, browser } = await logIn(first.url, GUEST);
    await first.stop();
    const database = await openDatabase(first.settings.directory);
    await database.db.update(user).set({ blocked: true }).where(eq(user.email, GUEST.email));
    await database.close();

    const identity = await startIdentity(first.settings);
    expect((await refresh(identity.url, tokens.refresh_token ?? '')).status).toBe(403);
    const silent = await browser.get(authorization(identity.url, { prompt: 'none' }).url);
    expect(silent.headers.get('location')).toMatch(/error=login_required/);
    const login = await authorize(new Browser(identity.url), authorization(identity.url).url, GUEST);
    expect(login.status).toBe(401);
    await identity.stop();
  });
});

describe('AUTH0_DIALECT', () => {
  it('gives every client tokens and refusals in the shapes of Auth0', async () => {
    const identity = await startForTest({ AUTH0_DIALECT: 'true' });
    const machine = await token(identity.url, {
      grant_type: 'client_credentials',
      client_id: 'wab-machine',
      client_secret: MACHINE_SECRET,
      audience: MENU_API,
    });
    const { access_token } = (await machine.json()) as Tokens;
    expect(decodeProtectedHeader(access_token).typ).toBe('JWT');
    expect(decodeJwt(access_token)).toMatchObject({
      azp: 'wab-machine',
      sub: 'wab-machine@clients',
      gty: 'client-credentials',
    });
    expect((await refresh(identity.url, 'unknown', { client_id: 'supper-club' })).status).toBe(403);
    await identity.stop();
  });
});

describe('settings', () => {
  const LIVE = {
    NODE_ENV: 'production',
    IDENTITY_URL: 'https://login.example.com/',
    KEY_ENCRYPTION_SECRET: 'x'.repeat(48),
    SEED_ADMIN_PASSWORD: ADMIN.password,
    SEED_GUEST_PASSWORD: GUEST.password,
  };

  it('for production are accepted when they are complete', () => {
    expect(readSettings(LIVE)).toMatchObject({ issuer: 'https://login.example.com/', strict: true });
  });

  it.each([
    ['IDENTITY_URL', { IDENTITY_URL: 'http://login.example.com/' }],
    ['IDENTITY_URL', { IDENTITY_URL: 'http://localhost:4000/' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: '' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: 'short' }],
    ['SEED_ADMIN_PASSWORD', { SEED_ADMIN_PASSWORD: '' }],
    ['SEED_ADMIN_PASSWORD', { SEED_ADMIN_PASSWORD: 'fourteen chars' }],
    ['SEED_GUEST_PASSWORD', { SEED_GUEST_PASSWORD: '' }],
    ['IDENTITY_DATABASE_URL', { IDENTITY_DATABASE_URL: 'postgres://localhost/identity' }],
    ['IDENTITY_URL', { IDENTITY_URL: 'https://login.example.com/path' }],
    ['ACCESS_TOKEN_TTL', { ACCESS_TOKEN_TTL: 'soon' }],
  ])('with a wrong %s are refused by its name', (name, spoiled) => {
    expect(() => readSettings({ ...LIVE, ...spoiled })).toThrow(name);
  });

  it.each([{ HOST: '0.0.0.0' }, { IDENTITY_URL: 'https://login.example.com/' }])(
    'off loopback take no development default: %o',
    (environment) => {
      expect(() => readSettings(environment)).toThrow('KEY_ENCRYPTION_SECRET');
    },
  );
});

function allFiles(directory: string): Buffer {
  return Buffer.concat(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  );
}
