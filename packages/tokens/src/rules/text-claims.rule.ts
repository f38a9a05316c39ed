import { ClaimInvalid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** Claims that decisions are keyed by: text or absent, never a list that reads as one (RFC 9068 2.2). */
export const textClaims: ClaimRule = (claims, { settings }) => {
  for (const claim of settings.textClaims) {
    const value = claims[claim];
    if (value !== undefined && typeof value !== 'string') throw new ClaimInvalid(claim, 'a string');
  }
};
