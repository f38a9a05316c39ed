import type { Claims } from '../../claims.ts';
import { DpopProofInvalid } from '../../errors.ts';

const MAX_LENGTH = 256;

/** RFC 9449 4.2: what tells one proof from all others. */
export function jti(claims: Claims): string {
  const id = claims['jti'];
  if (typeof id !== 'string' || id === '' || id.length > MAX_LENGTH)
    throw new DpopProofInvalid(`must have a "jti" claim that is a string of 1 to ${MAX_LENGTH} characters`);
  return id;
}
