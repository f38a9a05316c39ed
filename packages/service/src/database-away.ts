/**
 * Classes and codes of SQLSTATE that say: not now. Connection lost (08), no room (53), ended or timed out by
 * the server (57), a lock or another transaction in the way (40, 55P03), a standby (25006).
 */
const AWAY_STATES = /^(?:08|40|53|57|55P03|25006)/;
const AWAY_SYSTEM_ERRORS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);
/** What pg says of a connection that is gone has no code. */
const AWAY_MESSAGES =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client (?:has encountered a connection error|was closed)|Cannot use a pool after calling end)/;

/** Whether something failed because the database cannot be had now, and may succeed when tried again. */
export function isDatabaseAway(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : '';
    if (AWAY_SYSTEM_ERRORS.has(code) || AWAY_STATES.test(code) || AWAY_MESSAGES.test(at.message)) return true;
  }
  return false;
}
