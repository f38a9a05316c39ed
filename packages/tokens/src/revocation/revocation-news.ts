import { isRecord } from '../is-record.ts';
import { REVOKED_BY, type Revocation } from './revocation.ts';
import type { RevocationNews, RevocationPosition } from './revocation-source.ts';

const KINDS: ReadonlySet<unknown> = new Set(REVOKED_BY);

/**
 * The answer of a source, which may have come over a wire. One that is wrong in any part is none: what was left out
 * would be a token that passes.
 *
 * @throws TypeError
 */
export function readNews(answer: unknown): RevocationNews {
  if (!isNews(answer)) throw new TypeError('the source of revocations answered something else');
  return answer;
}

function isNews(answer: unknown): answer is RevocationNews {
  if (!isRecord(answer)) return false;
  const { position, snapshot, revocations, age = 0 } = answer;
  return (
    isPosition(position) &&
    typeof snapshot === 'boolean' &&
    Array.isArray(revocations) &&
    revocations.every(isRevocation) &&
    typeof age === 'number' &&
    age >= 0
  );
}

function isPosition(position: unknown): position is RevocationPosition {
  return (
    isRecord(position) &&
    typeof position['incarnation'] === 'string' &&
    Number.isSafeInteger(position['number'])
  );
}

function isRevocation(revocation: unknown): revocation is Revocation {
  if (!isRecord(revocation)) return false;
  const { issuer, by, value, issuedUntil, expiresAt } = revocation;
  return (
    typeof issuer === 'string' &&
    KINDS.has(by) &&
    typeof value === 'string' &&
    (issuedUntil === undefined || Number.isFinite(issuedUntil)) &&
    isTime(expiresAt)
  );
}

/** Infinity is a revocation for good. */
function isTime(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(value);
}
