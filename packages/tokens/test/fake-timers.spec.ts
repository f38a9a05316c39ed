import { createTestIssuer } from '@portcullis/testing';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { trust, verify } from './trust.ts';

afterEach(() => void vi.useRealTimers());

describe('a test of an application that makes the clock stand', () => {
  it.each(['RS256', 'ES256', 'EdDSA'] as const)('still has its %s tokens verified', async (algorithm) => {
    const issuer = await createTestIssuer({ algorithm });
    onTestFinished(() => issuer.stop());
    const verifier = trust(issuer);
    await verifier.ready();
    const tokens = await Promise.all([issuer.accessToken(), issuer.accessToken(), issuer.accessToken()]);
    vi.useFakeTimers();
    const found = await Promise.all(tokens.map((token) => verify(verifier, token)));
    expect(found.map(({ subject }) => subject)).toEqual(['user|1', 'user|1', 'user|1']);
  });
});
