import { constants, verify, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Algorithm } from './algorithm.ts';
import type { CompactJws } from './compact-jws.ts';
import { derSignature } from './der-signature.ts';

/**
 * Checks a signature, in the thread pool or on this thread, whichever costs less (decision 11).
 *
 * @param conclude what follows from it, in the same step: a promise of its own would be felt
 */
export function verifySignature<Result>(
  algorithm: Algorithm,
  key: KeyObject,
  { input, signature }: Signed,
  conclude: (good: boolean) => Result | Promise<Result>,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const settle: Settle = (error, good) => {
      if (error !== null) return reject(error);
      try {
        resolve(conclude(good));
      } catch (refusal) {
        reject(refusal);
      }
    };
    const check = checks[algorithm];
    const given = check.ecdsa ? derSignature(algorithm, signature) : signature;
    if (given === undefined || (check.pss && !isOfFullLength(signature, key))) return settle(null, false);
    enqueue({
      check,
      data: input,
      key: check.pss ? pss(key) : key,
      signature: given,
      settle,
    });
  });
}

/** What was signed, and by what. */
export type Signed = Pick<CompactJws, 'input' | 'signature'>;

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

type Settle = (error: Error | null, good: boolean) => void;

interface Job {
  readonly check: Check;
  readonly data: Buffer;
  readonly key: KeyInput;
  readonly signature: Buffer;
  readonly settle: Settle;
}

// The thread pool belongs to the process, and so does the account of it.
const alone = availableParallelism() === 1;
/** Beyond this many under way the pool does not keep up, or is held by something else such as password hashing. */
const POOL_LIMIT = 64;
let pooled = 0;
let waiting: Job[] = [];

/** Node's own, whatever a test puts in its place: a clock that is made to stand must not make verification wait. */
const atEndOfTurn = setImmediate;

/** Handed over together at the end of the loop's turn: to wake a thread for each costs more than most checks. */
function enqueue(job: Job): void {
  if (waiting.length === 0) atEndOfTurn(handOver);
  waiting.push(job);
}

/** At most one check in a turn is done on this thread: a cheap one that is alone, or one for which there is no room. */
function handOver(): void {
  const jobs = waiting;
  waiting = [];
  const [first] = jobs;
  if (first === undefined) return;
  const lone = jobs.length === 1 && pooled === 0 && first.check.cheap === true;
  const oneHere = alone || lone || pooled >= POOL_LIMIT;
  for (const job of oneHere ? jobs.slice(1) : jobs) inThePool(job);
  if (oneHere) here(first);
}

function here({ check, data, key, signature, settle }: Job): void {
  guarded(settle, () => settle(null, verify(check.digest, data, key, signature)));
}

function inThePool({ check, data, key, signature, settle }: Job): void {
  guarded(settle, () => {
    verify(check.digest, data, key, signature, (error, good) => {
      pooled--;
      settle(error, good);
    });
    pooled++;
  });
}

/** Nobody stands above the end of a turn: what is thrown there would end the process. */
function guarded(settle: Settle, check: () => void): void {
  try {
    check();
  } catch (error) {
    settle(error instanceof Error ? error : new Error('the signature could not be checked'), false);
  }
}
