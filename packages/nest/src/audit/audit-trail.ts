import type { AccessEvent, AccessObserver } from '../access-event.ts';
import { Sampling } from '../sampling.ts';
import { auditEventOf, type AuditEvent, type AuditSink } from './audit-event.ts';
import { LoggedAudit } from './logged-audit.ts';

export interface AuditTrailOptions {
  /** Where events go. Default: Nest's logger, one JSON object a line. */
  readonly sink?: AuditSink;
}

/**
 * Every denial and every permitted write, with who, what and which request.
 *
 * ```ts
 * PortcullisModule.forRoot({ issuer, audience, accessObserver: new AuditTrail() });
 * ```
 *
 * What a known caller did, or was denied, is always an event of its own: it can be held against somebody. What nobody in
 * particular did is up to ten a minute for each handler and code; how many more there were is one event at the minute's end.
 */
export class AuditTrail implements AccessObserver {
  private readonly sink: AuditSink;
  private readonly sampling = new Sampling<AuditEvent>((event, notWritten) =>
    this.record(notWritten === undefined ? event : summary(event, notWritten)),
  );

  constructor({ sink = new LoggedAudit() }: AuditTrailOptions = {}) {
    if (typeof sink.record !== 'function') {
      throw new TypeError('"sink" must have a method record(event): see AuditSink');
    }
    this.sink = sink;
  }

  decided(event: AccessEvent): void {
    if (event.refusal === undefined && isSafe(event)) return;
    const audited = auditEventOf(event, Date.now());
    if (event.caller !== undefined) this.record(audited);
    else this.sampling.take(audited, sortOf(audited));
  }

  close(): void {
    this.sampling.flush();
  }

  private record(event: AuditEvent): void {
    try {
      const recorded = this.sink.record(event);
      if (recorded instanceof Promise) recorded.catch(warn);
    } catch (error) {
      warn(error);
    }
  }
}

function summary(last: AuditEvent, notWritten: number): AuditEvent {
  const { requestId: _, ...event } = last;
  return { ...event, notWritten };
}

function sortOf({ handler, outcome, code = '' }: AuditEvent): string {
  return `${handler} ${outcome} ${code}`;
}

/** RFC 9110, 9.2.1; of GraphQL what cannot write. Where no method is known, it may be a write. */
const SAFE: ReadonlySet<string | undefined> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'query',
  'subscription',
]);

function isSafe({ method }: AccessEvent): boolean {
  return SAFE.has(method);
}

function warn(thrown: unknown): void {
  const what = thrown instanceof Error ? thrown.message : `a value of type ${typeof thrown}`;
  process.emitWarning(`an audit sink threw: ${what}`, { code: 'PORTCULLIS_AUDIT' });
}
