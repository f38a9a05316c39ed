import { ClaimInvalid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** Claims that decisions are keyed by: text or absent, never a list that reads as one (RFC 9068 2.2). */
export const textClaims: ClaimRule = (claims) => {
  for (const claim of ['jti', 'client_id', 'azp', 'scope']) {
    if (Object.hasOwn(claims, claim) && typeof claims[claim] !== 'string')
      throw new ClaimInvalid(claim, 'a string');
  }
};
