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
  /**
   * The permissions that each role stands for, for providers that put roles into the token instead, such as
   * Cognito's groups. Default: none, and a role grants nothing.
   */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
}

/**
 * Freshness `token`: what the access token itself claims, cut to the token's ceiling.
 * A permission taken away goes on working until the token expires.
 *
 * Names count letter by letter, and only where the claim had the shape that its issuer's preset names.
 *
 * @throws TypeError when `firstPartyClients` or `roles` is of another form
 */
export function tokenPermissions(options: TokenPermissionsOptions = {}): PermissionSource {
  return { unchanging: true, permissionsOf: issuedPermissions(options) };
}

/** What a token was issued for: needs nothing beside it, so it is told at once. */
export function issuedPermissions(
  options: TokenPermissionsOptions,
): (authentication: Authentication) => PermissionSet {
  const { firstPartyClients: clients = [] } = options;
  if (!isTexts(clients)) throw new TypeError('"firstPartyClients" must be a list of client ids');
  const firstPartyClients = new Set(clients);
  const roles = rolesFrom(options.roles ?? {});
  const kept: Derivation[] = [];
  return (authentication) => {
    const { claimedPermissions, claimedRoles } = authentication;
    const ceiling = ceilingOf(authentication, firstPartyClients);
    const known = kept.find(
      (one) =>
        one.claimedPermissions === claimedPermissions &&
        one.claimedRoles === claimedRoles &&
        one.ceiling === ceiling,
    );
    if (known !== undefined) return known.permissions;
    const permissions = cutToCeiling(authentication, ceiling, roles);
    if (kept.length === MOST_KEPT) kept.length = 0;
    kept.push({ claimedPermissions, claimedRoles, ceiling, permissions });
    return permissions;
  };
}

/** What permissions were derived from. Tokens that name the same have the very same sets of names. */
interface Derivation extends Pick<Authentication, 'claimedPermissions' | 'claimedRoles'> {
  readonly ceiling: ReadonlySet<string> | undefined;
  readonly permissions: PermissionSet;
}

const MOST_KEPT = 64;

function cutToCeiling(
  authentication: Authentication,
  ceiling: ReadonlySet<string> | undefined,
  roles: ReadonlyMap<string, readonly string[]>,
): PermissionSet {
  const within = (permission: string): boolean => ceiling?.has(permission) ?? true;
  const origins = originsOf(authentication, roles);
  const sources = new FrozenMap([...origins].filter(([permission]) => within(permission)));
  const withheld = new FrozenSet([...origins.keys()].filter((permission) => !within(permission)));
  return Object.freeze({ names: new FrozenSet(sources.keys()), sources, withheld });
}

const NOTHING: ReadonlySet<string> = new FrozenSet();

function originsOf(
  { claimedPermissions = NOTHING, claimedRoles = NOTHING }: Authentication,
  roles: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly PermissionOrigin[]> {
  const origins = new Map<string, readonly PermissionOrigin[]>();
  const add = (permission: string, origin: PermissionOrigin): void => {
    origins.set(permission, Object.freeze([...(origins.get(permission) ?? []), origin]));
  };
  for (const permission of claimedPermissions) add(permission, 'token');
  for (const role of claimedRoles) {
    for (const permission of roles.get(role) ?? []) add(permission, `role:${role}`);
  }
  return origins;
}

function rolesFrom(
  roles: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, readonly string[]> {
  const entries = Object.entries(roles);
  if (!entries.every(([, permissions]) => isTexts(permissions))) {
    throw new TypeError('"roles" must give a list of permissions for each role');
  }
  return new Map(entries);
}

function isTexts(list: unknown): list is readonly string[] {
  return Array.isArray(list) && list.every((text) => typeof text === 'string' && text !== '');
}
