import type { Claims } from '../claims.ts';
import { ClaimInvalid, TokenExpired } from '../errors.ts';
import type { Circumstances } from './rule.ts';

/** RFC 7519 4.1.4: refused "on or after" this time, which must be given (RFC 9068 2.2). */
export function exp(claims: Claims, { settings, now }: Circumstances): number {
  const expiry = claims['exp'];
  if (typeof expiry !== 'number' || !Number.isFinite(expiry)) throw new ClaimInvalid('exp', 'a number');
  if (now >= expiry + settings.clockTolerance) throw new TokenExpired();
  return expiry;
}
