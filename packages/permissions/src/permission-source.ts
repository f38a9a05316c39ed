import type { Authentication } from '@portcullis/tokens';
import type { PermissionSet } from './permission-set.ts';

/** Decides what an authenticated credential may do. Asked for each request. */
export interface PermissionSource {
  /** Whether the Authentication alone decides, so that one answer about it holds for good. Default: each request asks. */
  readonly unchanging?: boolean;
  permissionsOf(authentication: Authentication): PermissionSet | Promise<PermissionSet>;
}
