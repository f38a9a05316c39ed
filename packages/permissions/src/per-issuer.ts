import { FrozenSet } from '@portcullis/tokens';
import { FrozenMap } from './frozen-map.ts';
import type { PermissionOrigin, PermissionSet } from './permission-set.ts';
import type { PermissionSource } from './permission-source.ts';

const NOTHING: PermissionSet = Object.freeze({
  names: new FrozenSet<string>(),
  sources: new FrozenMap<string, readonly PermissionOrigin[]>([]),
  withheld: new FrozenSet<string>(),
});

/**
 * For each issuer's tokens their own source. The same subject at another issuer is somebody else; of an issuer that has
 * no source here, nothing is granted.
 *
 * @param sources by issuer identifier, exactly as in `iss`
 */
export function permissionsPerIssuer(sources: Readonly<Record<string, PermissionSource>>): PermissionSource {
  const known = new Map(Object.entries(sources));
  return {
    permissionsOf: (authentication) =>
      known.get(authentication.issuer)?.permissionsOf(authentication) ?? NOTHING,
  };
}
