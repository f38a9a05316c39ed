import type { Claims } from '../claims.ts';
import { ClaimInvalid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

const MAX_LENGTH = 255; // OpenID Connect Core 2

/** RFC 9068 2.2: required. */
export const sub: ClaimRule = (claims) => void subjectOf(claims['sub'], 'sub');

/**
 * RFC 7662 2.2 makes `sub` optional in an introspection answer. A token without one stands for nobody but its client
 * (RFC 9068 2.2), which is then the subject.
 */
export const subOrClient: ClaimRule = (claims, { settings }) => {
  if (claims['sub'] === undefined) subjectOf(settings.clientOf(claims), 'client_id');
  else subjectOf(claims['sub'], 'sub');
};

function subjectOf(subject: unknown, claim: string): string {
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_LENGTH) {
    throw new ClaimInvalid(claim, `a string of 1 to ${MAX_LENGTH} characters`);
  }
  return subject;
}

/** The subject of claims that have passed either rule above. */
export function subjectIn(claims: Claims, client: string | undefined): string {
  return subjectOf(claims['sub'] ?? client, 'sub');
}
