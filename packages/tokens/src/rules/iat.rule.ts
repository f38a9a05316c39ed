import { ClaimInvalid, TokenNotYetValid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** RFC 7519 4.1.6. A token from the future would outlive every cut-off that compares this claim. */
export const iat: ClaimRule = (claims, { settings, now }) => {
  const issued = claims['iat'];
  if (issued === undefined) return;
  if (typeof issued !== 'number' || !Number.isFinite(issued)) throw new ClaimInvalid('iat', 'a number');
  if (issued > now + settings.clockTolerance) throw new TokenNotYetValid('iat');
};
