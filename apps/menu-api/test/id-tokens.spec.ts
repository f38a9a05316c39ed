import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_PERMISSIONS, dish, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi({ FIRST_PARTY_ID_TOKENS: 'test-client' });
});
afterAll(() => api.stop());

describe('an ID token of a client of our own', () => {
  it('passes where a login is all that is asked for', async () => {
    const response = await api.call('GET', '/api/whoami', { token: await api.issuer.idToken() });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      kind: 'user',
      subject: 'user|1',
      tokenKind: 'id_token',
      permissions: [],
    });
  });

  it('may do nothing that needs a permission, whatever it claims', async () => {
    const token = await api.issuer.idToken({
      permissions: ALL_PERMISSIONS,
      scope: ALL_PERMISSIONS.join(' '),
    });
    expect((await api.call('POST', '/api/menu/items', { json: dish(), token })).status).toBe(403);
    expect((await api.call('DELETE', '/api/menu/items', { token })).status).toBe(403);
    const access = await api.admin();
    expect((await api.call('POST', '/api/menu/items', { json: dish(), token: access })).status).toBe(201);
  });

  it.each<[string, Record<string, unknown>]>([
    ['of another client', { aud: 'supper-club' }],
    ['for two audiences', { aud: ['test-client', 'supper-club'] }],
    ['that another party asked for', { azp: 'supper-club' }],
    ['of more than ten minutes ago', { iat: Math.floor(Date.now() / 1000) - 700 }],
  ])('is refused when it is one %s', async (_what, claims) => {
    const token = await api.issuer.idToken(claims);
    expect((await api.call('GET', '/api/whoami', { token })).status).toBe(401);
  });

  it('is refused by default', async () => {
    const strict = await startApi();
    try {
      const token = await strict.issuer.idToken();
      expect((await strict.call('GET', '/api/whoami', { token })).status).toBe(401);
    } finally {
      await strict.stop();
    }
  });
});
