import type { AuditSink } from '@portcullis/nest';
import type { Log } from '@portcullis/service';

/** Audit events as lines of the log of their own, which bear the request id that the request's line bears. */
export function logSink(log: Log): AuditSink {
  return { record: ({ requestId, ...event }) => log.info({ requestId, audit: event }, 'audit') };
}
