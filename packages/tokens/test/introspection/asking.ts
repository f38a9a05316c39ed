import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import type { IntrospectionOptions, Verifier, VerifierOptions } from '@portcullis/tokens';
import { onTestFinished } from 'vitest';
import { trust } from '../trust.ts';

/** An issuer and a verifier that asks it about tokens, on a clock that can be moved. All end with the test. */
export interface Asking {
  readonly issuer: TestIssuer;
  readonly verifier: Verifier;
  /** The verifier's clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Moves it. */
  pass(seconds: number): void;
}

export async function asking(
  introspection: Partial<IntrospectionOptions> = {},
  options: Partial<VerifierOptions> = {},
): Promise<Asking> {
  const issuer = await issuing();
  let offset = 0;
  const now = (): number => Date.now() + offset;
  const verifier = trust(issuer, {
    tokenFormat: 'opaque',
    introspection: { ...askedBySecret(issuer), ...introspection },
    now,
    ...options,
  });
  return { issuer, verifier, now, pass: (seconds) => void (offset += seconds * 1000) };
}

export async function issuing(options: Parameters<typeof createTestIssuer>[0] = {}): Promise<TestIssuer> {
  const issuer = await createTestIssuer({ algorithm: 'ES256', ...options });
  onTestFinished(() => issuer.stop());
  return issuer;
}

export function askedBySecret({ introspectionClient }: TestIssuer): IntrospectionOptions {
  const { clientId, clientSecret } = introspectionClient;
  return { authentication: { clientId, clientSecret } };
}
