export type { Auth0LookupOptions } from './auth0/auth0-lookup.ts';
export type { ChangeFeed, ChangeFeedOptions, Touched } from './feed/change-feed.ts';
export type { ChangePosition } from './feed/change-position.ts';
export type { IntersectOptions } from './live/intersect.ts';
export type { LiveOptions, LivePermissions } from './live/live.ts';
export type { WhenUnknown } from './live/live-source.ts';
export type { LiveAnswer, LookedUp, PermissionLookup } from './live/permission-lookup.ts';
export type { ManagementApiOptions } from './management/management-api.ts';
export type { PermissionObserver } from './permission-observer.ts';
export type { PermissionOrigin, PermissionSet } from './permission-set.ts';
export type { PermissionSource } from './permission-source.ts';

export { auth0Lookup } from './auth0/auth0-lookup.ts';
export { changeFeed } from './feed/change-feed.ts';
export { intersect } from './live/intersect.ts';
export { live } from './live/live.ts';
export { permissionsPerIssuer } from './per-issuer.ts';
export { PermissionsUnknown } from './permissions-unknown.ts';
export { tokenPermissions, type TokenPermissionsOptions } from './token-permissions.ts';
