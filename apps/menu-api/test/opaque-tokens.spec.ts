import type { TestIssuer } from '@portcullis/testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dish, startApi, type RunningApi } from './running-api.ts';

const json = dish();

const introspected =
  (TOKEN_FORMAT: string) =>
  ({ introspectionClient: { clientId, clientSecret } }: TestIssuer) => ({
    TOKEN_FORMAT,
    INTROSPECTION_CLIENT_ID: clientId,
    INTROSPECTION_CLIENT_SECRET: clientSecret,
  });

describe('an API whose tokens are opaque', () => {
  let api: RunningApi;
  beforeAll(async () => {
    api = await startApi(introspected('opaque'));
  });
  afterAll(() => api.stop());

  it('is ready without any keys', async () => {
    expect((await api.call('GET', '/health/ready')).status).toBe(200);
    expect(api.issuer.visits.keys).toBe(0);
  });

  it('lets in whom the issuer vouches for, as far as it says', async () => {
    const token = api.issuer.opaqueToken({ permissions: ['create:items'] });
    const powerless = api.issuer.opaqueToken({ permissions: ['update:items'] });
    expect((await api.call('POST', '/api/menu/items', { json, token })).status).toBe(201);
    expect((await api.call('POST', '/api/menu/items', { json, token: powerless })).status).toBe(403);
    const whoami = await api.call('GET', '/api/whoami', { token });
    expect(await whoami.json()).toMatchObject({
      subject: 'user|1',
      via: 'bearer',
      bindings: [],
      tokenKind: 'access_token',
    });
  });

  it.each<[string, (issuer: TestIssuer) => string]>([
    ['nobody issued', () => 'made-up'],
    ['is for another API', (issuer) => issuer.opaqueToken({ aud: 'https://other.example' })],
    ['has expired', (issuer) => issuer.opaqueToken({ exp: 1 })],
    ['was revoked', revoked],
  ])('refuses a token that %s, with a challenge', async (_what, token) => {
    const response = await api.call('GET', '/api/whoami', { token: token(api.issuer) });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(
      /^Bearer realm="[^"]+", resource_metadata="[^"]+", error="invalid_token"/,
    );
  });

  it('asks about a signed token too', async () => {
    const token = await api.issuer.accessToken({ permissions: ['create:items'] });
    expect((await api.call('POST', '/api/menu/items', { json, token })).status).toBe(201);
    api.issuer.revoke(token);
    const again = await api.issuer.accessToken({ permissions: ['create:items'] });
    api.issuer.revoke(again);
    expect((await api.call('POST', '/api/menu/items', { json, token: again })).status).toBe(401);
  });

  it('answers 503 with Retry-After, and no challenge, while the issuer cannot be asked', async () => {
    const token = api.issuer.opaqueToken({ permissions: ['create:items'] });
    await api.issuer.pause();
    try {
      const response = await api.call('POST', '/api/menu/items', { json, token });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([503, null]);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      await api.issuer.resume();
    }
  });
});

function revoked(issuer: TestIssuer): string {
  const token = issuer.opaqueToken();
  issuer.revoke(token);
  return token;
}

describe('an API that takes both', () => {
  let api: RunningApi;
  const folder = mkdtempSync(join(tmpdir(), 'menu-api-secret-'));
  beforeAll(async () => {
    api = await startApi((issuer) => {
      const { INTROSPECTION_CLIENT_SECRET, ...others } = introspected('both')(issuer);
      const file = join(folder, 'secret');
      writeFileSync(file, `${INTROSPECTION_CLIENT_SECRET}\n`);
      return { ...others, INTROSPECTION_CLIENT_SECRET_FILE: file };
    });
  });
  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  it('verifies a signed token itself, and asks about any other, with a secret from a file', async () => {
    const signed = await api.admin();
    expect((await api.call('POST', '/api/menu/items', { json, token: signed })).status).toBe(201);
    expect(api.issuer.visits.introspection).toBe(0);
    const opaque = api.issuer.opaqueToken({ permissions: ['create:items'] });
    expect((await api.call('POST', '/api/menu/items', { json, token: opaque })).status).toBe(201);
    expect(api.issuer.visits.introspection).toBe(1);
  });

  it('never asks about a signed token that is wrong', async () => {
    const before = api.issuer.visits.introspection;
    const token = await api.admin({ exp: 1 });
    expect((await api.call('POST', '/api/menu/items', { json, token })).status).toBe(401);
    expect(api.issuer.visits.introspection).toBe(before);
  });
});

describe('an API that takes signed tokens alone', () => {
  it('asks nobody about an opaque one and refuses it', async () => {
    const api = await startApi();
    try {
      const token = api.issuer.opaqueToken({ permissions: ['create:items'] });
      expect((await api.call('POST', '/api/menu/items', { json, token })).status).toBe(401);
      expect(api.issuer.visits.introspection).toBe(0);
    } finally {
      await api.stop();
    }
  });
});
