import { FrozenSet } from '@portcullis/tokens';
import { FrozenMap } from './frozen-map.ts';
import type { PermissionOrigin, PermissionSet } from './permission-set.ts';
import type { PermissionSource } from './permission-source.ts';

const NOTHING: PermissionSet = Object.freeze({
  names: new FrozenSet<string>(),
  sources: new FrozenMap<string, readonly PermissionOrigin[]>([]),
  withheld: new FrozenSet<string>(),
});

const NOBODY: PermissionSource = { permissionsOf: () => NOTHING };

/**
 * For each issuer's tokens their own source. The same subject at another issuer is somebody else.
 *
 * @param sources by issuer identifier, exactly as in `iss`
 * @param otherwise for every other issuer that is trusted. Default: nothing is granted
 */
export function permissionsPerIssuer(
  sources: Readonly<Record<string, PermissionSource>>,
  otherwise: PermissionSource = NOBODY,
): PermissionSource {
  const known = new Map(Object.entries(sources));
  return {
    permissionsOf: (authentication) =>
      (known.get(authentication.issuer) ?? otherwise).permissionsOf(authentication),
  };
}
