import { createPublicKey, type KeyObject } from 'node:crypto';
import { algorithmsOf, isAlgorithm, type Algorithm } from '../algorithm.ts';
import { isRecord } from '../is-record.ts';
import { isOfSmallOrder } from './small-order.ts';

/** A published key that may check signatures, imported once. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithms: ReadonlySet<Algorithm>;
  readonly key: KeyObject;
  /** The JWK as it was published, to know it again by. */
  readonly spelling: string;
}

const MIN_RSA_BITS = 2048; // RFC 7518 3.3
/** A check costs the square of the length, times the length of the exponent: a DPoP client chooses both. */
const MAX_RSA_BITS = 8192;
const MAX_RSA_EXPONENT = 2n ** 32n - 1n;

/** The key, or undefined when it is not one that may check signatures: odd keys are no reason to fail. */
export function verificationKey(jwk: unknown): VerificationKey | undefined {
  if (!isRecord(jwk)) return undefined;
  const { kty, crv, use, key_ops: operations, alg, kid } = { ...jwk }; // its own: nothing from a polluted prototype

  if ('d' in jwk || 'k' in jwk) return undefined; // a private key or a secret that the world can read
  if (use !== undefined && use !== 'sig') return undefined; // RFC 7517 4.2
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return undefined;
  if (kid !== undefined && typeof kid !== 'string') return undefined;

  const possible = algorithmsOf(kty, crv);
  const algorithms = alg === undefined ? possible : possible.filter((name) => name === sameAs(alg));
  if (algorithms.length === 0) return undefined;

  const key = imported(jwk);
  if (key === undefined || !isAcceptable(key)) return undefined;
  return { kid, algorithms: new Set(algorithms), key, spelling: JSON.stringify(jwk) };
}

function sameAs(alg: unknown): Algorithm | undefined {
  return isAlgorithm(alg) ? alg : undefined;
}

function imported(jwk: object): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function isAcceptable(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'ed25519') return !isOfSmallOrder(String(key.export({ format: 'jwk' }).x));
  if (key.asymmetricKeyType !== 'rsa') return true;
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_RSA_BITS || modulusLength > MAX_RSA_BITS) return false;
  return publicExponent >= 3n && publicExponent <= MAX_RSA_EXPONENT; // with an exponent of 1 anything verifies
}
