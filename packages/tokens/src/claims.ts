/** A token's payload: own members only, so a name such as `constructor` finds nothing that was not sent. */
export type Claims = Readonly<Record<string, unknown>>;

/** The client that the token was issued to: `client_id` (RFC 9068 2.2), else `azp`. */
export function clientOf(claims: Claims): string | undefined {
  const client = claims['client_id'] ?? claims['azp'];
  return typeof client === 'string' ? client : undefined;
}
