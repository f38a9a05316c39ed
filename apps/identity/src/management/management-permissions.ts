import { permissionDecorators } from '@portcullis/nest';

/** Auth0's names where it has them. What each allows is bounded by what the caller holds: docs/management-api.md. */
export const MANAGEMENT_PERMISSIONS = {
  'read:users': 'Read users, their roles and permissions',
  'create:users': 'Create users',
  'update:users': 'Change users, give and take their roles and permissions',
  'delete:users': 'Delete users',
  'read:user_effective_permissions': 'Read what a user may do',
  'read:roles': 'Read roles and what they bundle',
  'create:roles': 'Create roles',
  'update:roles': 'Change roles and what they bundle',
  'delete:roles': 'Delete roles',
  'read:role_members': 'Read who has a role',
  'create:role_members': 'Give roles',
  'delete:role_members': 'Take roles',
  'read:resource_servers': 'Read APIs and what permissions they define',
  'create:resource_servers': 'Create APIs',
  'update:resource_servers': 'Change APIs and what permissions they define',
  'delete:resource_servers': 'Delete APIs',
  'read:clients': 'Read clients',
  'create:clients': 'Create clients',
  'update:clients': 'Change clients',
  'delete:clients': 'Delete clients',
  'update:client_keys': 'Make new secrets for clients',
  'read:client_grants': 'Read what clients were granted',
  'create:client_grants': 'Grant permissions to clients',
  'update:client_grants': 'Change what clients were granted',
  'delete:client_grants': 'Take grants from clients',
  'read:grants': 'Read what users let clients do',
  'delete:grants': 'End what users let clients do',
  'read:device_credentials': 'Read the devices of users',
  'delete:device_credentials': 'Log devices of users out',
  'read:refresh_tokens': 'Read that users have refresh tokens',
  'delete:refresh_tokens': 'Revoke refresh tokens',
  'read:sessions': 'Read the sessions of users',
  'delete:sessions': 'End sessions of users',
  'read:signing_keys': 'Read the public signing keys',
  'create:signing_keys': 'Rotate the signing key',
  'update:signing_keys': 'Revoke signing keys',
  'read:logs': 'Read who changed what',
  'read:changes': 'Follow the changes of authority at one’s own API',
  'grant:permissions': 'Give away permissions of every API but this one without holding them',
  'administer:unattended': 'As a machine, make changes that a user has to log in anew for',
} as const;

export type ManagementPermission = keyof typeof MANAGEMENT_PERMISSIONS;

export const MANAGEMENT_PERMISSION_NAMES = Object.keys(MANAGEMENT_PERMISSIONS).filter(isManagementPermission);

export const { RequirePermissions, RequireAnyPermission, holds } =
  permissionDecorators(MANAGEMENT_PERMISSION_NAMES);

/** The identifier of the Management API, as of Auth0's: below the issuer. */
export function managementAudience(issuer: string): string {
  return `${issuer}api/v2/`;
}

function isManagementPermission(name: string): name is ManagementPermission {
  return Object.hasOwn(MANAGEMENT_PERMISSIONS, name);
}
