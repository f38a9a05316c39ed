import type { Claims } from '../claims.ts';
import { ClaimInvalid } from '../errors.ts';

const MAX_LENGTH = 255; // OpenID Connect Core 2

/** RFC 9068 2.2: required. */
export function sub(claims: Claims): string {
  const subject = claims['sub'];
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_LENGTH) {
    throw new ClaimInvalid('sub', `a string of 1 to ${MAX_LENGTH} characters`);
  }
  return subject;
}
