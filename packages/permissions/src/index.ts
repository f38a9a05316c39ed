export type { PermissionOrigin, PermissionSet } from './permission-set.ts';
export type { PermissionSource } from './permission-source.ts';
export { tokenPermissions, type TokenPermissionsOptions } from './token-permissions.ts';
