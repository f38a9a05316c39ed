import type { Claims } from '../claims.ts';
import { AudienceMismatch, ClaimInvalid, TokenExpired } from '../errors.ts';
import { audienceOf } from './aud.rule.ts';
import type { ClaimRule } from './rule.ts';

/** Seconds. An ID token says that somebody has just logged in, not that they are still there. */
const MAX_AGE = 600;

/** OpenID Connect Core 3.1.3.7: one audience, one of our own clients, and no other party. */
export const idTokenAudience: ClaimRule = (claims, { settings }) => {
  const [client = '', ...others] = audienceOf(claims);
  if (others.length > 0) throw new ClaimInvalid('aud', 'one client alone in an ID token');
  if (!settings.idTokenClients.has(client)) throw new AudienceMismatch();
  if (claims['azp'] !== undefined && claims['azp'] !== client)
    throw new ClaimInvalid('azp', 'the audience itself');
};

export const idTokenAge: ClaimRule = (claims, { settings, now }) => {
  if (now > idTokenEnd(claims) + settings.clockTolerance) throw new TokenExpired();
};

/** Until when it is accepted, in seconds since the epoch: for as long as it is remembered, too. */
export function idTokenEnd(claims: Claims): number {
  const issued = claims['iat'];
  if (typeof issued !== 'number') throw new ClaimInvalid('iat', 'a number');
  return issued + MAX_AGE;
}
