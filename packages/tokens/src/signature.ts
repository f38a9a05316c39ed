import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Algorithm } from './algorithm.ts';
import { derSignature } from './der-signature.ts';

/** A signature is checked in the thread pool, or at once where that costs less (decision 11). */
export function verifySignature(
  algorithm: Algorithm,
  key: KeyObject,
  input: string,
  signature: Buffer,
): boolean | Promise<boolean> {
  const check = checks[algorithm];
  const given = check.ecdsa ? derSignature(algorithm, signature) : signature;
  if (given === undefined || (check.pss && !isOfFullLength(signature, key))) return false;
  const data = Buffer.from(input, 'latin1');
  const keyInput = check.pss ? pss(key) : key;
  return here(check) ? verify(check.digest, data, keyInput, given) : inThePool(check, data, keyInput, given);
}

interface Check {
  /** Undefined for EdDSA, which hashes by itself (RFC 8032 5.1). */
  readonly digest?: string;
  readonly pss?: true;
  readonly ecdsa?: true;
  /** Cheaper than the way to another thread and back. */
  readonly cheap?: true;
}

const checks: Readonly<Record<Algorithm, Check>> = {
  RS256: { digest: 'RSA-SHA256', cheap: true },
  RS384: { digest: 'RSA-SHA384', cheap: true },
  RS512: { digest: 'RSA-SHA512', cheap: true },
  PS256: { digest: 'RSA-SHA256', cheap: true, pss: true },
  PS384: { digest: 'RSA-SHA384', cheap: true, pss: true },
  PS512: { digest: 'RSA-SHA512', cheap: true, pss: true },
  ES256: { digest: 'SHA256', ecdsa: true },
  ES384: { digest: 'SHA384', ecdsa: true },
  ES512: { digest: 'SHA512', ecdsa: true },
  EdDSA: {},
  Ed25519: {},
};

type KeyInput = KeyObject | VerifyKeyObjectInput;

/** RFC 7518 3.5: the salt is as long as the digest. */
function pss(key: KeyObject): KeyInput {
  return {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  };
}

/** RFC 8017 8.1.2: as many bytes as the modulus. OpenSSL would accept a PSS signature without its leading zeros. */
function isOfFullLength(signature: Buffer, key: KeyObject): boolean {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && signature.length === Math.ceil(bits / 8);
}

// The thread pool belongs to the process, and so does the account of it.
const alone = availableParallelism() === 1;
/** Beyond this many under way the pool does not keep up, or is held by something else such as password hashing. */
const POOL_LIMIT = 64;
/** Milliseconds between two checks on this thread, which would otherwise be all it does under load. */
const PAUSE = 1;
let pooled = 0;
let lastHere = Number.NEGATIVE_INFINITY;

/** A lone cheap check, or one for which there is no room. */
function here({ cheap }: Check): boolean {
  if (alone) return true;
  if (pooled < POOL_LIMIT && !(cheap === true && pooled === 0)) return false;
  const now = performance.now();
  if (now - lastHere < PAUSE) return false;
  lastHere = now;
  return true;
}

function inThePool({ digest }: Check, data: Buffer, key: KeyInput, signature: Buffer): Promise<boolean> {
  pooled++;
  return new Promise((resolve, reject) => {
    verify(digest, data, key, signature, (error, verified) => {
      pooled--;
      if (error === null) resolve(verified);
      else reject(error);
    });
  });
}
