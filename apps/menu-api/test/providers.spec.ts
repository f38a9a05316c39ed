import { StartRefused } from '@portcullis/service';
import { memoryReplayStore } from '@portcullis/stores';
import { createTestIssuer } from '@portcullis/testing';
import { createVerifier, type VerifierOptions } from '@portcullis/tokens';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asStartRefused } from '../src/settings/refused-option.ts';
import { dish, startApi, type RunningApi } from './running-api.ts';

const json = dish();

/** As a Keycloak realm writes them. */
const REALM = { path: '/realms/wab', trailingSlash: false } as const;
const KEYCLOAK = {
  typ: 'Bearer',
  client_id: undefined,
  azp: 'menu-dashboard',
  realm_access: { roles: ['offline_access', 'create:items'] },
  resource_access: { account: { roles: ['view-profile'] } },
  scope: 'openid profile create:items',
};

describe('an API behind Keycloak', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startApi({ PROVIDER: 'keycloak' }, REALM);
  });
  afterAll(() => api.stop());

  const token = (claims: Record<string, unknown> = {}): Promise<string> =>
    api.issuer.accessToken({ ...KEYCLOAK, ...claims }, { header: { typ: 'JWT' } });

  it('knows its callers', async () => {
    const response = await api.call('GET', '/api/whoami', { token: await token() });
    expect(await response.json()).toMatchObject({
      kind: 'user',
      client: 'menu-dashboard',
      scopes: ['openid', 'profile', 'create:items'],
    });
    const machine = await api.call('GET', '/api/whoami', {
      token: await token({ client_id: 'menu-importer', azp: 'menu-importer' }),
    });
    expect(await machine.json()).toMatchObject({ kind: 'machine' });
  });

  it('takes permissions where its mapper puts them, and no role for one', async () => {
    const byRole = await api.call('POST', '/api/menu/items', { json, token: await token() });
    expect(byRole.status).toBe(403);
    const permissions = ['create:items'];
    const byPermission = await api.call('POST', '/api/menu/items', {
      json,
      token: await token({ permissions }),
    });
    expect(byPermission.status).toBe(201);
  });

  it.each(['ID', 'Refresh', undefined])('refuses what says that its kind is %s', async (typ) => {
    const response = await api.call('GET', '/api/whoami', { token: await token({ typ }) });
    expect(response.status).toBe(401);
  });
});

describe('an API told of the wrong provider', () => {
  it('refuses to start, by the name of the variable', async () => {
    const start = startApi({ PROVIDER: 'keycloak' }, { ...REALM, trailingSlash: true });
    await expect(start).rejects.toThrow(
      'ISSUER_URL: ends in a slash, and the issuer of a Keycloak realm does not.',
    );
    await expect(start).rejects.toBeInstanceOf(StartRefused);
  });
});

describe('what the verifier says of an option', () => {
  const issuer = 'http://127.0.0.1:9';
  const audience = 'https://menu-api.example.com';

  it.each<[string, VerifierOptions, string]>([
    ['of Auth0', { issuer, audience, provider: 'auth0' }, 'ISSUER_URL: lacks the slash'],
    ['of authentik', { issuer, audience, provider: 'authentik' }, 'TOKEN_FORMAT: must be opaque'],
    ['given twice', { issuer: [issuer, issuer], audience }, 'ISSUER_URL: names the same one twice.'],
    [
      'with a public address that has a query',
      { issuer, audience, dpop: { publicUrl: `${issuer}/?a=b`, replayStore: memoryReplayStore() } },
      'PUBLIC_URL: must have neither query nor fragment.',
    ],
  ])('of an issuer %s is said of its variable', (_what, options, sentence) => {
    const refused = asStartRefused(thrownBy(() => createVerifier(options)));
    expect(refused).toBeInstanceOf(StartRefused);
    expect(String(refused)).toContain(sentence);
  });

  it('stays as it is when it is about something else', () => {
    for (const error of [new TypeError('"prefix" is no option'), new TypeError('x'), new Error('"issuer" x')])
      expect(asStartRefused(error)).toBe(error);
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('an API with two issuers', () => {
  it('holds each to its own provider', async () => {
    const realm = await createTestIssuer({ ...REALM, audience: 'https://menu-api.example.com' });
    const api = await startApi(({ issuer }) => ({
      ISSUER_URL: `${issuer},${realm.issuer}`,
      PROVIDER: ',keycloak',
      JWKS_URI: `,${realm.jwksUri}`,
    }));
    try {
      const status = async (token: string) => (await api.call('GET', '/api/whoami', { token })).status;
      expect(await status(await api.admin())).toBe(200);
      expect(await status(await realm.accessToken(KEYCLOAK))).toBe(200);
      expect(await status(await realm.accessToken())).toBe(401);
      expect(await status(await realm.accessToken({ ...KEYCLOAK, iss: api.issuer.issuer }))).toBe(401);
    } finally {
      await api.stop();
      await realm.stop();
    }
  });
});
