import type { Authentication } from '@portcullis/tokens';

/**
 * The permissions that a token can have been issued for, undefined for any. It is the token's `scope`: what the user
 * let this client do (RFC 6749, 3.3). A first-party client acts with all that the `permissions` claim
 * says. A token without any `scope` claim records no narrower delegation, so the claim stands as issued.
 */
export function ceilingOf(
  authentication: Authentication,
  firstPartyClients: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const { client, scopes } = authentication;
  return client !== undefined && firstPartyClients.has(client) ? undefined : scopes;
}
