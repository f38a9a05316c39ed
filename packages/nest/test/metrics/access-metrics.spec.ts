import { Controller, Get } from '@nestjs/common';
import { Public, RequirePermissions, type PortcullisOptions } from '@portcullis/nest';
import { AccessMetrics } from '@portcullis/nest/metrics';
import { createTestIssuer, spoiled, type TestIssuer } from '@portcullis/testing';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadIssuer, start } from '../app.ts';

@Controller('items')
class ItemsController {
  @Get() @RequirePermissions('read:items') list() {
    return [];
  }
  @Get(':id') @Public() find() {
    return {};
  }
}

let issuer: TestIssuer;
beforeAll(async () => void (issuer = await createTestIssuer()));
afterAll(() => issuer.stop());

/** An application and what Prometheus would read from it. */
async function measured(
  trusted: Pick<TestIssuer, 'issuer' | 'audience'> = issuer,
  options: Partial<PortcullisOptions> = {},
) {
  const registry = new Registry();
  const metrics = new AccessMetrics({ registry });
  const { url } = await start({
    issuer: trusted,
    controllers: [ItemsController],
    options: { observer: metrics, accessObserver: metrics, ...options },
  });
  const read = async (name: string): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith(name));
  const call = async (path: string, token?: string): Promise<number> => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await fetch(`${url}${path}`, { headers })).status;
  };
  return { registry, read, call };
}

describe('metrics', () => {
  it('count the decisions of the doors by handler, outcome and code', async () => {
    const { read, call } = await measured();
    const reader = await issuer.accessToken({ permissions: ['read:items'] });
    await call('/items', reader);
    await call('/items', reader);
    await call('/items', await issuer.accessToken({ permissions: [] }));
    await call('/items');
    await call('/items/1');
    await call('/items/2');
    expect(await read('portcullis_authorizations_total')).toEqual([
      'portcullis_authorizations_total{handler="ItemsController.list",outcome="permitted",code=""} 2',
      'portcullis_authorizations_total{handler="ItemsController.list",outcome="denied",code="ERR_INSUFFICIENT_PERMISSIONS"} 1',
      'portcullis_authorizations_total{handler="ItemsController.list",outcome="denied",code="ERR_NO_CREDENTIAL"} 1',
      'portcullis_authorizations_total{handler="ItemsController.find",outcome="permitted",code=""} 2',
    ]);
    // A second scrape reads the same, not twice as much.
    expect(await read('portcullis_authorizations_total{handler="ItemsController.find"')).toEqual([
      'portcullis_authorizations_total{handler="ItemsController.find",outcome="permitted",code=""} 2',
    ]);
  });

  it('count what the verifier found, how long it took, and what it had seen before', async () => {
    const { read, call } = await measured();
    const token = await issuer.accessToken({ permissions: ['read:items'] });
    await call('/items', token);
    await call('/items', token);
    await call('/items', spoiled.signature(token));
    expect(await read('portcullis_authentications_total')).toEqual([
      'portcullis_authentications_total{outcome="verified",code=""} 2',
      'portcullis_authentications_total{outcome="refused",code="ERR_SIGNATURE_INVALID"} 1',
    ]);
    expect(await read('portcullis_verdict_cache_total')).toEqual([
      'portcullis_verdict_cache_total{result="miss"} 1',
      'portcullis_verdict_cache_total{result="hit"} 1',
    ]);
    expect(await read('portcullis_verification_seconds_count')).toEqual([
      'portcullis_verification_seconds_count 1',
    ]);
    const [sum = ''] = await read('portcullis_verification_seconds_sum');
    expect(Number(sum.split(' ')[1])).toBeGreaterThan(0);
    expect(Number(sum.split(' ')[1])).toBeLessThan(5);
  });

  it('say when the keys of an issuer were loaded, and how many there are', async () => {
    const before = Date.now() / 1000;
    const { read, call } = await measured();
    await call('/items', await issuer.accessToken({ permissions: ['read:items'] }));
    const [at = ''] = await read('portcullis_key_set_loaded_timestamp_seconds');
    expect(at).toContain(`{issuer="${issuer.issuer}"}`);
    expect(Number(at.split(' ')[1])).toBeGreaterThanOrEqual(Math.floor(before));
    expect(await read('portcullis_key_set_keys')).toEqual([
      `portcullis_key_set_keys{issuer="${issuer.issuer}"} 1`,
    ]);
    expect(await read('portcullis_key_set_loads_total')).toEqual([
      `portcullis_key_set_loads_total{issuer="${issuer.issuer}",outcome="loaded"} 1`,
    ]);
  });

  it('say that the keys of an issuer cannot be had, apart from bad credentials', async () => {
    const dead = await deadIssuer();
    const { read, call } = await measured({ issuer: dead, audience: issuer.audience });
    expect(await call('/items', await issuer.accessToken({ iss: dead }))).toBe(503);
    expect(await read('portcullis_authentications_total')).toEqual([
      'portcullis_authentications_total{outcome="unavailable",code="ERR_ISSUER_UNAVAILABLE"} 1',
    ]);
    const [failed = ''] = await read('portcullis_key_set_loads_total');
    expect(failed).toContain(`{issuer="${dead}",outcome="failed"}`);
  });

  it('count what introspection endpoints were asked', async () => {
    const { read, call } = await measured(issuer, {
      tokenFormat: 'opaque',
      introspection: { authentication: issuer.introspectionClient },
    });
    expect(await call('/items', issuer.opaqueToken({ permissions: ['read:items'] }))).toBe(200);
    expect(await call('/items', 'unknown-to-its-issuer')).toBe(401);
    expect(await read('portcullis_introspections_total')).toEqual([
      `portcullis_introspections_total{issuer="${issuer.issuer}",active="true"} 1`,
      `portcullis_introspections_total{issuer="${issuer.issuer}",active="false"} 1`,
    ]);
    expect(await read('portcullis_introspection_seconds_count')).toEqual([
      'portcullis_introspection_seconds_count 2',
    ]);
  });

  it('name no subject, no client, no address and no part of a token, whoever calls', async () => {
    const { registry, call } = await measured();
    const token = await issuer.accessToken({
      sub: 'subject-7',
      client_id: 'client-7',
      permissions: ['read:items'],
    });
    for (const path of ['/items', '/items/address-7?query=address-7']) await call(path, token);
    await call('/items', 'garbage-7');
    const text = await registry.metrics();
    for (const word of ['subject-7', 'client-7', 'address-7', 'garbage-7', ...token.split('.')])
      expect(text).not.toContain(word);
  });

  it('refuse to be made twice for one registry', () => {
    const registry = new Registry();
    const twice = [0, 1].map(() => () => new AccessMetrics({ registry }));
    twice[0]?.();
    expect(() => twice[1]?.()).toThrow(/already been registered/);
  });
});
