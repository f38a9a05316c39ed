/**
 * Where a permission came from. `token`: the access token's own claim; `role:…`: a role that it claims; `scope`: its
 * scope, where it has no such claim; `live`: the provider or the database says that it holds now.
 */
export type PermissionOrigin = 'token' | 'scope' | 'live' | `role:${string}`;

/** What one credential may do, and where each permission came from. Frozen. */
export interface PermissionSet {
  /** The effective permissions: nothing beyond the ceiling of this very token. */
  readonly names: ReadonlySet<string>;
  readonly sources: ReadonlyMap<string, readonly PermissionOrigin[]>;
  /**
   * What the subject holds but this token was not issued for: asking the issuer again, with the
   * permission as a scope, could help. Never grants anything.
   */
  readonly withheld: ReadonlySet<string>;
}
