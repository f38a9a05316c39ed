import type { Claims } from './claims.ts';

/**
 * Whether a client speaks for itself: the subject is the client (RFC 9068 2.2), the subject is
 * `<client>@clients`, or `gty` is `client-credentials` (both Auth0's).
 */
export function isMachine(claims: Claims, subject: string, client: string | undefined): boolean {
  if (claims['gty'] === 'client-credentials') return true;
  return client !== undefined && (subject === client || subject === `${client}@clients`);
}
