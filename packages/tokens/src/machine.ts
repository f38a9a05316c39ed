import type { Claims } from './claims.ts';
import type { MachineSign } from './presets/preset.ts';

/**
 * Whether a client speaks for itself: the subject is the client (RFC 9068 2.2), the subject is
 * `<client>@clients`, or `gty` is `client-credentials` (both Auth0's), or the provider has a sign of its own.
 */
export function isMachine(
  claims: Claims,
  subject: string,
  client: string | undefined,
  signs: readonly MachineSign[],
): boolean {
  if (claims['gty'] === 'client-credentials') return true;
  if (client !== undefined && (subject === client || subject === `${client}@clients`)) return true;
  return signs.some((sign) => bears(claims[sign.claim], sign));
}

function bears(claim: unknown, { equals, startsWith, absent }: MachineSign): boolean {
  if (absent === true) return claim === undefined;
  if (equals !== undefined) return claim === equals;
  if (startsWith !== undefined) return typeof claim === 'string' && claim.startsWith(startsWith);
  return claim !== undefined;
}
