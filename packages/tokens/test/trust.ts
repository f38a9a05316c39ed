import type { TestIssuer } from '@portcullis/testing';
import { createVerifier, type Authentication, type Verifier, type VerifierOptions } from '@portcullis/tokens';
import { onTestFinished } from 'vitest';

/** A verifier that trusts the issuer, closed when the test ends. */
export function trust(issuer: TestIssuer, options: Partial<VerifierOptions> = {}): Verifier {
  const verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience, ...options });
  onTestFinished(() => verifier.close());
  return verifier;
}

export async function verify(verifier: Verifier, token: string): Promise<Authentication> {
  return verifier.verify({ scheme: 'bearer', token });
}
