import { Logger } from '@nestjs/common';
import type { AuditEvent, AuditSink } from './audit-event.ts';

/** One JSON object a line, by Nest's logger in the context `Audit`. */
export class LoggedAudit implements AuditSink {
  private readonly log = new Logger('Audit');

  record(event: AuditEvent): void {
    this.log.log(JSON.stringify(event));
  }
}
