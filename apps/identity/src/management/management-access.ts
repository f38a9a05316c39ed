import { AuditTrail, type PortcullisOptions } from '@portcullis/nest';
import type { Log } from '@portcullis/service';
import type { DenyList, KeySetSupplier } from '@portcullis/tokens';
import type { Database } from '../database/database.ts';
import { LivePermissions } from './live-permissions.ts';
import { MANAGEMENT_PERMISSION_NAMES, managementAudience } from './management-permissions.ts';

/** For whom the Management API answers: our own tokens for it alone, as far as their party still holds anything. */
export function managementAccess(parts: {
  readonly issuer: string;
  readonly db: Database;
  readonly denyList: DenyList;
  /** The published keys of now: the issuer is this very process, and need not be asked. */
  readonly keys: KeySetSupplier;
  readonly log: Log;
}): PortcullisOptions {
  return {
    issuer: parts.issuer,
    audience: managementAudience(parts.issuer),
    provider: 'portcullis',
    jwks: parts.keys,
    denyList: parts.denyList,
    permissions: new LivePermissions(parts.db),
    accessObserver: new AuditTrail({
      sink: { record: ({ requestId, ...event }) => parts.log.info({ requestId, audit: event }, 'audit') },
    }),
    declaredPermissions: MANAGEMENT_PERMISSION_NAMES,
    // Who is calling is decided before a body is read.
    door: 'middleware',
  };
}
