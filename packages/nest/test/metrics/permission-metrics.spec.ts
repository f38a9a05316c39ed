import { AccessMetrics } from '@portcullis/nest/metrics';
import { changeFeed, intersect } from '@portcullis/permissions';
import { createTestIssuer } from '@portcullis/testing';
import { createVerifier } from '@portcullis/tokens';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ProviderEndpoint } from '../../../permissions/test/provider-endpoint.ts';

describe('the metrics of live permissions', () => {
  it('count readings, look-ups and who could not be told of', async () => {
    const registry = new Registry();
    const metrics = new AccessMetrics({ registry });
    const value = async (line: string): Promise<string | undefined> =>
      (await registry.metrics()).split('\n').find((one) => one.startsWith(`${line} `));
    const issuer = await createTestIssuer({ algorithm: 'ES256' });
    const provider = await new ProviderEndpoint().listen();
    const { audience } = issuer;
    const feed = changeFeed({
      ...provider.options,
      issuer: issuer.issuer,
      audience,
      maxStaleness: 1,
      interval: 0.2,
      observer: metrics,
    });
    const verifier = createVerifier({ issuer: issuer.issuer, audience });
    onTestFinished(async () => {
      feed.close();
      verifier.close();
      await issuer.stop();
    });
    await feed.ready();
    const token = await issuer.accessToken({ permissions: ['read:items'] });
    const authentication = await verifier.verify({ scheme: 'bearer', token });
    const permissions = intersect({ feed, observer: metrics });

    await permissions.permissionsOf(authentication);
    expect(await value('portcullis_permission_lookups_total{outcome="answered"}')).toMatch(/ 1$/);
    expect(await value('portcullis_permission_lookup_seconds_count')).toMatch(/ 1$/);
    expect(await value('portcullis_change_feed_readings_total{outcome="read"}')).toMatch(/ [1-9]\d*$/);
    const readAt = await value('portcullis_change_feed_read_timestamp_seconds');
    expect(Number(readAt?.split(' ')[1])).toBeCloseTo(Date.now() / 1000, -1);

    await provider.cut();
    await expect.poll(() => feed.age(), { timeout: 3000 }).toBeGreaterThan(1);
    expect(() => permissions.permissionsOf(authentication)).toThrow('cannot be told now');
    expect(await value('portcullis_permissions_uncertain_total{answer="refused"}')).toMatch(/ 1$/);
    expect(await value('portcullis_change_feed_readings_total{outcome="failed"}')).toMatch(/ [1-9]\d*$/);
  });
});
