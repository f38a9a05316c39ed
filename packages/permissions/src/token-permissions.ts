import type { Authentication } from '@portcullis/tokens';
import { ceilingOf } from './ceiling.ts';
import type { PermissionOrigin, PermissionSet } from './permission-set.ts';
import type { PermissionSource } from './permission-source.ts';

export interface TokenPermissionsOptions {
  /**
   * Client ids whose tokens carry the user's permissions without asking for each as a scope.
   * Default: none, so `scope` is every token's ceiling. List only applications of your own: a
   * third-party client listed here gets all that its user may do.
   */
  readonly firstPartyClients?: readonly string[];
}

const FROM_TOKEN: readonly PermissionOrigin[] = Object.freeze(['token'] as const);

/**
 * Freshness `token`: the access token's `permissions` claim alone, cut to the token's ceiling.
 * A permission taken away goes on working until the token expires.
 *
 * Only an array of strings counts, member by member and letter by letter. Any other shape of the
 * claim grants nothing: a string would otherwise match by its parts.
 */
export function tokenPermissions(options: TokenPermissionsOptions = {}): PermissionSource {
  const firstPartyClients = new Set(options.firstPartyClients);
  return { permissionsOf: (authentication) => cutToCeiling(authentication, firstPartyClients) };
}

function cutToCeiling(authentication: Authentication, firstPartyClients: ReadonlySet<string>): PermissionSet {
  const within = ceilingOf(authentication, firstPartyClients);
  const names = new Set<string>();
  const withheld = new Set<string>();
  for (const permission of claimed(authentication.claims))
    (within(permission) ? names : withheld).add(permission);
  const sources = new Map(Array.from(names, (name) => [name, FROM_TOKEN]));
  return Object.freeze({ names, sources, withheld });
}

function claimed(claims: Authentication['claims']): readonly string[] {
  const claim = Object.hasOwn(claims, 'permissions') ? claims['permissions'] : undefined;
  if (!Array.isArray(claim)) return [];
  return claim.every((member): member is string => typeof member === 'string') ? claim : [];
}
