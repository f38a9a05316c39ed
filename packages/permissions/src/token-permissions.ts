import { FrozenSet, type Authentication } from '@portcullis/tokens';
import { ceilingOf } from './ceiling.ts';
import { FrozenMap } from './frozen-map.ts';
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
 *
 * @throws TypeError when `firstPartyClients` is not a list of client ids
 */
export function tokenPermissions(options: TokenPermissionsOptions = {}): PermissionSource {
  const { firstPartyClients: clients = [] } = options;
  if (!Array.isArray(clients) || clients.some((client) => typeof client !== 'string' || client === ''))
    throw new TypeError('"firstPartyClients" must be a list of client ids');
  const firstPartyClients = new Set<string>(clients);
  return { permissionsOf: (authentication) => cutToCeiling(authentication, firstPartyClients) };
}

function cutToCeiling(authentication: Authentication, firstPartyClients: ReadonlySet<string>): PermissionSet {
  const within = ceilingOf(authentication, firstPartyClients);
  const claim = claimed(authentication.claims);
  const names = new FrozenSet(claim.filter((permission) => within(permission)));
  const withheld = new FrozenSet(claim.filter((permission) => !within(permission)));
  const sources = new FrozenMap(Array.from(names, (name) => [name, FROM_TOKEN] as const));
  return Object.freeze({ names, sources, withheld });
}

function claimed(claims: Authentication['claims']): readonly string[] {
  const claim = Object.hasOwn(claims, 'permissions') ? claims['permissions'] : undefined;
  if (!Array.isArray(claim)) return [];
  return claim.every((member): member is string => typeof member === 'string') ? claim : [];
}
