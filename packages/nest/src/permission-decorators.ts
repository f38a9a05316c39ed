import type { Caller } from '@portcullis/http';
import { RequireAnyPermission, RequirePermissions } from './access.decorators.ts';

type AccessDecorator = ClassDecorator & MethodDecorator;

/** The decorators that name permissions, and take those of one list alone. */
export interface PermissionDecorators<Permission extends string> {
  /** As `RequirePermissions` of this package. */
  readonly RequirePermissions: (...permissions: readonly [Permission, ...Permission[]]) => AccessDecorator;
  /** As `RequireAnyPermission` of this package. */
  readonly RequireAnyPermission: (...permissions: readonly [Permission, ...Permission[]]) => AccessDecorator;
  /** Whether the caller may, for a decision inside a handler. */
  readonly holds: (caller: Caller | undefined, permission: Permission) => boolean;
}

/**
 * The decorators for the permissions that one API defines: a misspelt one does not compile.
 *
 * ```ts
 * export const PERMISSIONS = ['create:items', 'delete:items'] as const;
 * export const { RequirePermissions, RequireAnyPermission } = permissionDecorators(PERMISSIONS);
 * ```
 *
 * Give the same list to PortcullisModule as `declaredPermissions`, and a misspelt one that the compiler did not see keeps
 * the application from starting.
 *
 * @param permissions at least one
 * @throws TypeError here for an empty list, and where it stands for a permission that is not in the list
 */
export function permissionDecorators<const Permission extends string>(
  permissions: readonly Permission[],
): PermissionDecorators<Permission> {
  const known: ReadonlySet<string> = new Set(permissions);
  if (known.size === 0)
    throw new TypeError('permissionDecorators takes the names of one or more permissions');
  const checked = <Names extends readonly string[]>(names: Names): Names => {
    const unknown = names.find((name) => !known.has(name));
    if (unknown === undefined) return names;
    throw new TypeError(`"${unknown}" is none of the permissions ${[...known].join(', ')}`);
  };
  return {
    RequirePermissions: (...names) => RequirePermissions(...checked(names)),
    RequireAnyPermission: (...names) => RequireAnyPermission(...checked(names)),
    holds: (caller, permission) => {
      const [name] = checked([permission] as const);
      return caller?.permissions.has(name) ?? false;
    },
  };
}
