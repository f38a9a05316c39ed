import { createTestIssuer, type TestIssuer, type TestKey } from '@portcullis/testing';
import { createVerifier, type Verifier } from '@portcullis/tokens';
import { onTestFinished } from 'vitest';

/** What would be signed: everything of a good token but its signature. */
export interface Unsigned {
  readonly input: string;
  readonly with: (signature: Uint8Array) => string;
}

/** An issuer that has published these keys, and a verifier that trusts it. Both end with the test. */
export async function publishing(
  ...keys: readonly TestKey[]
): Promise<{ issuer: TestIssuer; verifier: Verifier }> {
  const issuer = await createTestIssuer({ algorithm: 'EdDSA' });
  issuer.publishKeys(keys.map(({ publicJwk }) => publicJwk));
  const verifier = createVerifier({ issuer: issuer.issuer, audience: issuer.audience });
  onTestFinished(async () => {
    verifier.close();
    await issuer.stop();
  });
  await verifier.ready();
  return { issuer, verifier };
}

/** A good token of this issuer by this key, its signature cut off. No two are alike. */
export async function unsigned(
  issuer: TestIssuer,
  key: TestKey,
  header: Record<string, unknown> = {},
): Promise<Unsigned> {
  const token = await issuer.accessToken({}, { key, header });
  const input = token.slice(0, token.lastIndexOf('.'));
  return { input, with: (signature) => `${input}.${Buffer.from(signature).toString('base64url')}` };
}

export async function verdict(verifier: Verifier, token: string): Promise<string> {
  try {
    await verifier.verify({ scheme: 'bearer', token });
    return 'accepted';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

export function bigEndian(number: bigint, length: number): Buffer {
  return Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex');
}

export function integer(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

export function littleEndian(number: bigint, length: number): Buffer {
  return Buffer.from(bigEndian(number, length).toReversed());
}
