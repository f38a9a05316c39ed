/** Auth0's codes where it has one: a logout, a token revoked, a password changed, a user deleted. */
const CODES: Readonly<Record<string, string>> = {
  'session.end': 'slo',
  'grant.end': 'srrt',
  'token.revoke': 'srrt',
  'user.sessions.end': 'srrt',
  'user.password.change': 'scp',
  'user.delete': 'sdu',
};

/** What Auth0's log calls a change; `sapi`, an operation of its Management API, where it has no name of its own. */
export function logCode(action: string): string {
  return CODES[action] ?? 'sapi';
}
