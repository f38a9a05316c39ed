import type { CallerKind } from '@portcullis/http';
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
  return declareAccess({ kinds: [options.kind ?? 'user'].flat() });
}

/** Whoever holds all of these permissions may, user or machine. */
export function RequirePermissions(...permissions: readonly [string, ...string[]]): AccessDecorator {
  return declareAccess({ allOf: permissions });
}

/** Whoever holds at least one of these permissions may, user or machine. */
export function RequireAnyPermission(...permissions: readonly [string, ...string[]]): AccessDecorator {
  return declareAccess({ anyOf: permissions });
}

/**
 * Only a user who logged in within the last `maxAge` seconds; others are asked to (RFC 9470).
 * Stands alone, beside @RequirePermissions, or on a method to add to what its parent's method or its class asks for.
 */
export function RecentLogin(maxAge: number): AccessDecorator {
  return declareAccess({ maxLoginAge: maxAge });
}
