import type { Claims } from '../claims.ts';
import { ClaimInvalid, TokenExpired } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** RFC 7519 4.1.4: refused "on or after" this time, which must be given (RFC 9068 2.2). */
export const exp: ClaimRule = (claims, { settings, now }) => {
  if (hasExpired(expiryOf(claims), settings.clockTolerance, now)) throw new TokenExpired();
};

export function expiryOf(claims: Claims): number {
  const expiry = claims['exp'];
  if (typeof expiry !== 'number' || !Number.isFinite(expiry)) throw new ClaimInvalid('exp', 'a number');
  return expiry;
}

/** All in seconds. */
export function hasExpired(expiry: number, clockTolerance: number, now: number): boolean {
  return now >= expiry + clockTolerance;
}
