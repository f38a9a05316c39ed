import { compactVerify, errors } from 'jose';
import type { Algorithm } from './algorithm.ts';
import { SignatureInvalid } from './errors.ts';
import type { VerificationKey } from './keys/verification-key.ts';

/**
 * @param keys those of the issuer that fit the algorithm; the first that verifies decides
 * @throws SignatureInvalid
 */
export async function checkSignature(
  token: string,
  algorithm: Algorithm,
  keys: readonly VerificationKey[],
): Promise<void> {
  for (const { key } of keys) {
    try {
      await compactVerify(token, key, { algorithms: [algorithm] });
      return;
    } catch (cause) {
      if (!(cause instanceof errors.JOSEError)) throw cause;
    }
  }
  throw new SignatureInvalid();
}
