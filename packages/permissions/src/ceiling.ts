import type { Authentication } from '@portcullis/tokens';

/**
 * Whether this token was issued for a permission. The ceiling is the token's `scope`: what the user
 * let this client do (RFC 6749, 3.3). A first-party client acts with all that the `permissions` claim
 * says. A token without any `scope` claim records no narrower delegation, so the claim stands as issued.
 */
export function ceilingOf(
  authentication: Authentication,
  firstPartyClients: ReadonlySet<string>,
): (permission: string) => boolean {
  const { client, scopes } = authentication;
  if (scopes === undefined) return () => true;
  if (client !== undefined && firstPartyClients.has(client)) return () => true;
  return (permission) => scopes.has(permission);
}
