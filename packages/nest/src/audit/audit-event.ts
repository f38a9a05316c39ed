import type { Caller } from '@portcullis/http';
import type { AccessEvent } from '../access-event.ts';

/**
 * One line of the audit trail: a denial, or a permitted write. Holds no credential, no address and no body. Its
 * members are for the log of one application; an absent one was not known.
 */
export interface AuditEvent {
  /** When it was decided, in UTC (RFC 3339). */
  readonly time: string;
  readonly outcome: 'permitted' | 'denied';
  readonly context: AccessEvent['context'];
  /** Such as `ItemsController.create`. */
  readonly handler: string;
  readonly method?: string;
  readonly requestId?: string;
  /** What the rule asks for: all of these … */
  readonly permissions: readonly string[];
  /** … and at least one of these, if there are any. */
  readonly anyPermissionOf: readonly string[];
  /** What the caller lacks of them. */
  readonly missingPermissions?: readonly string[];
  readonly issuer?: string;
  readonly subject?: string;
  readonly client?: string;
  readonly kind?: Caller['kind'];
  readonly via?: Caller['via'];
  /** Of a denial: what was answered. */
  readonly status?: number;
  /** Of a denial: its stable name, as in the problem that was sent. */
  readonly code?: string;
  /**
   * This many events like this one were counted in the last minute, and not written one by one. Such a line has no
   * request id.
   */
  readonly notWritten?: number;
}

/**
 * Where audit events go. What it throws, or rejects with, becomes a process warning, and changes no decision: a sink
 * that must not lose any keeps them itself until they are safe.
 */
export interface AuditSink {
  record(event: AuditEvent): void | Promise<void>;
}

export function auditEventOf(event: AccessEvent, now: number): AuditEvent {
  const { context, handler, method, requestId, rule, caller, refusal } = event;
  const { allOf = [], anyOf = [] } = rule?.access === 'caller' ? rule : {};
  return {
    time: new Date(now).toISOString(),
    outcome: refusal ? 'denied' : 'permitted',
    context,
    handler,
    ...(method === undefined ? {} : { method }),
    ...(requestId === undefined ? {} : { requestId }),
    permissions: allOf,
    anyPermissionOf: anyOf,
    ...(caller && whoIs(caller)),
    ...(refusal && whyNot(refusal)),
  };
}

function whoIs({ issuer, subject, client, kind, via }: Caller): Partial<AuditEvent> {
  return { issuer, subject, ...(client === undefined ? {} : { client }), kind, via };
}

function whyNot({ status, problem }: NonNullable<AccessEvent['refusal']>): Partial<AuditEvent> {
  const { code, missingPermissions } = problem;
  return {
    status,
    ...(code === undefined ? {} : { code }),
    ...(missingPermissions === undefined ? {} : { missingPermissions }),
  };
}
