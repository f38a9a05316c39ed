import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Algorithm } from '@portcullis/tokens';

const generate = promisify(generateKeyPair);

/** A key pair of a test issuer, or of whoever would like to be one. */
export interface TestKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** As it is published: `kid`, `use` and `alg` included. */
  readonly publicJwk: JWK;
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** @param options.modulusLength bits of an RSA key; default 2048, and deliberately any size is allowed */
export async function createTestKey(
  algorithm: Algorithm = 'RS256',
  options: { kid?: string; modulusLength?: number } = {},
): Promise<TestKey> {
  const { privateKey, publicKey } = await pair(algorithm, options.modulusLength ?? 2048);
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  const kid = options.kid ?? (await calculateJwkThumbprint(jwk));
  return { kid, algorithm, privateKey, publicKey, publicJwk: { ...jwk, kid, use: 'sig', alg: algorithm } };
}

function pair(
  algorithm: Algorithm,
  modulusLength: number,
): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  const namedCurve = curves[algorithm];
  if (namedCurve !== undefined) return generate('ec', { namedCurve });
  if (algorithm.startsWith('Ed')) return generate('ed25519');
  return generate('rsa', { modulusLength });
}
