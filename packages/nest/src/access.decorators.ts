import { CALLER_KINDS, type CallerKind } from '@portcullis/http';
import { declareAccess } from './access-metadata.ts';

type AccessDecorator = ClassDecorator & MethodDecorator;

/** Anybody may; no credential is looked at. */
export function Public(): AccessDecorator {
  return declareAccess({ public: true });
}

/**
 * Anybody may, and whoever sends a credential is known: a bad one is 401, one that cannot be checked now 503, and none
 * leaves the caller undefined. Never silently anonymous.
 */
export function OptionalAuthentication(): AccessDecorator {
  return declareAccess({ optional: true });
}

/**
 * Any logged-in user may, whatever their permissions.
 *
 * @param options.kind who counts. Default `user`: a machine needs a permission, or to be named here
 *   (RFC 9700, 4.15: a client must not pass for a user).
 */
export function Authenticated(
  options: { readonly kind?: CallerKind | readonly CallerKind[] } = {},
): AccessDecorator {
  const kinds = [options.kind ?? 'user'].flat();
  if (kinds.length === 0 || kinds.some((kind) => !CALLER_KINDS.includes(kind))) {
    throw new TypeError(`@Authenticated takes the kinds ${CALLER_KINDS.join(' and ')}`);
  }
  return declareAccess({ kinds });
}

/** Whoever holds all of these permissions may, user or machine. */
export function RequirePermissions(...permissions: readonly [string, ...string[]]): AccessDecorator {
  return declareAccess({ allOf: named(permissions, 'RequirePermissions') });
}

/** Whoever holds at least one of these permissions may, user or machine. */
export function RequireAnyPermission(...permissions: readonly [string, ...string[]]): AccessDecorator {
  return declareAccess({ anyOf: named(permissions, 'RequireAnyPermission') });
}

/**
 * Only a user who logged in within the last `maxAge` seconds; others are asked to (RFC 9470).
 * Stands alone, beside @RequirePermissions, or on a method to add to what its parent's method or its class asks for.
 */
export function RecentLogin(maxAge: number): AccessDecorator {
  if (!Number.isSafeInteger(maxAge) || maxAge <= 0)
    throw new TypeError('@RecentLogin takes whole seconds above 0');
  return declareAccess({ maxLoginAge: maxAge });
}

function named(permissions: readonly string[], decorator: string): readonly string[] {
  if (
    permissions.length === 0 ||
    permissions.some((permission) => typeof permission !== 'string' || permission.trim() === '')
  ) {
    throw new TypeError(`@${decorator} takes the names of one or more permissions`);
  }
  return permissions;
}
