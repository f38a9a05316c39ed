import { ClaimInvalid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** OpenID Connect Core 2. Whether it is recent enough is for the route to say (RFC 9470 4). */
export const authTime: ClaimRule = (claims) => {
  const time = claims['auth_time'];
  if (time === undefined) return;
  if (typeof time !== 'number' || !Number.isFinite(time)) throw new ClaimInvalid('auth_time', 'a number');
};
