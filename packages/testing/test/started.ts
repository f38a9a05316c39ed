import { createTestIssuer, type TestIssuer, type TestIssuerOptions } from '@portcullis/testing';
import { onTestFinished } from 'vitest';

/** An issuer that stops when the test ends. */
export async function started(options?: TestIssuerOptions): Promise<TestIssuer> {
  const issuer = await createTestIssuer({ algorithm: 'ES256', ...options });
  onTestFinished(() => issuer.stop());
  return issuer;
}
