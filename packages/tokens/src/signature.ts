import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Algorithm } from './algorithm.ts';

/** A signature is checked in the thread pool, or at once where that costs less (decision 11). */
export function verifySignature(
  algorithm: Algorithm,
  key: KeyObject,
  input: string,
  signature: Buffer,
): boolean | Promise<boolean> {
  const check = checks[algorithm];
  const given = check.curveBytes === undefined ? signature : derFrom(signature, check.curveBytes);
  if (given === undefined || (check.pss && !isOfFullLength(signature, key))) return false;
  const data = Buffer.from(input, 'latin1');
  const keyInput = check.pss ? pss(key) : key;
  return here(check) ? onThisThread(check, data, keyInput, given) : inThePool(check, data, keyInput, given);
}

interface Check {
  /** Undefined for EdDSA, which hashes by itself (RFC 8032 5.1). */
  readonly digest?: string;
  readonly pss?: true;
  /** Bytes of one coordinate of an ECDSA signature (RFC 7518 3.4). */
  readonly curveBytes?: number;
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
  ES256: { digest: 'SHA256', curveBytes: 32 },
  ES384: { digest: 'SHA384', curveBytes: 48 },
  ES512: { digest: 'SHA512', curveBytes: 66 },
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
let pooled = 0;
let turnIsSpent = false;

/** At most one check in a turn of the event loop is done on its thread. */
function here({ cheap }: Check): boolean {
  return !turnIsSpent && (alone || pooled >= POOL_LIMIT || (cheap === true && pooled === 0));
}

function onThisThread({ digest }: Check, data: Buffer, key: KeyInput, signature: Buffer): boolean {
  turnIsSpent = true;
  setImmediate(endTurn);
  return verify(digest, data, key, signature);
}

function endTurn(): void {
  turnIsSpent = false;
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

/**
 * JOSE writes an ECDSA signature as two numbers of fixed length (RFC 7518 3.4), OpenSSL reads a DER sequence of two
 * integers. Node would convert too, at four times the cost of handing the finished form over.
 *
 * @returns undefined when the length is not that of the curve
 */
function derFrom(signature: Buffer, bytes: number): Buffer | undefined {
  if (signature.length !== 2 * bytes) return undefined;
  const r = integerStart(signature, 0, bytes);
  const s = integerStart(signature, bytes, 2 * bytes);
  const rLength = bytes - r + signByte(signature, r);
  const sLength = 2 * bytes - s + signByte(signature, s);
  const length = 4 + rLength + sLength;
  const der = Buffer.alloc(length + (length < 128 ? 2 : 3));
  let at = 0;
  der[at++] = 0x30;
  if (length >= 128) der[at++] = 0x81;
  der[at++] = length;
  at = writeInteger(der, at, signature.subarray(r, bytes), rLength);
  writeInteger(der, at, signature.subarray(s), sLength);
  return der;
}

/** The first byte that is not zero; the last one even if it is. */
function integerStart(signature: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end - 1 && signature[at] === 0) at++;
  return at;
}

/** DER integers are signed: a leading one bit needs a zero byte before it. */
function signByte(signature: Buffer, at: number): 0 | 1 {
  return (signature[at] ?? 0) >= 0x80 ? 1 : 0;
}

function writeInteger(der: Buffer, at: number, digits: Buffer, length: number): number {
  der[at] = 0x02;
  der[at + 1] = length;
  digits.copy(der, at + 2 + length - digits.length);
  return at + 2 + length;
}
