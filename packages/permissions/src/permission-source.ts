import type { Authentication } from '@portcullis/tokens';
import type { PermissionSet } from './permission-set.ts';

/** Decides what an authenticated credential may do. Asked once per request. */
export interface PermissionSource {
  permissionsOf(authentication: Authentication): PermissionSet | Promise<PermissionSet>;
}
