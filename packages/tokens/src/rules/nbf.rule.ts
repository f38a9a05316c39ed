import { ClaimInvalid, TokenNotYetValid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** RFC 7519 4.1.5 */
export const nbf: ClaimRule = (claims, { settings, now }) => {
  const start = claims['nbf'];
  if (start === undefined) return;
  if (typeof start !== 'number' || !Number.isFinite(start)) throw new ClaimInvalid('nbf', 'a number');
  if (now < start - settings.clockTolerance) throw new TokenNotYetValid('nbf');
};
