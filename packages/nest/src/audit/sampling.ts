import type { AuditEvent } from './audit-event.ts';

/** Milliseconds. */
const WINDOW = 60_000;
/** Events of one sort that are written in a window. */
const WRITTEN = 10;
/** Sorts that are told apart in a window: more callers than that share one of each handler and code. */
const SORTS = 1000;

interface Sort {
  seen: number;
  last: AuditEvent;
}

/**
 * Lets the first events of each sort through and counts the others, so that a flood of failed logins fills neither
 * the log nor the memory. A sort is one caller at one handler with one outcome; all anonymous ones are one caller.
 */
export class Sampling {
  private readonly sorts = new Map<string, Sort>();
  private readonly tell: (event: AuditEvent) => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param tell what is let through goes there, and at the end of each minute how many of a sort were not */
  constructor(tell: (event: AuditEvent) => void) {
    this.tell = tell;
  }

  take(event: AuditEvent): void {
    const sort = this.sortOf(event);
    sort.seen++;
    sort.last = event;
    if (sort.seen <= WRITTEN) this.tell(event);
  }

  /** Ends the minute now: tells of what was only counted. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const { seen, last } of this.sorts.values()) {
      if (seen <= WRITTEN) continue;
      const { requestId: _, ...event } = last;
      this.tell({ ...event, notWritten: seen - WRITTEN });
    }
    this.sorts.clear();
  }

  private sortOf(event: AuditEvent): Sort {
    this.timer ??= setTimeout(() => this.flush(), WINDOW).unref();
    const shared = `${event.handler} ${event.outcome} ${event.code ?? ''}`;
    const own = event.subject === undefined ? shared : `${shared} ${event.issuer ?? ''} ${event.subject}`;
    const name = this.sorts.has(own) || this.sorts.size < SORTS ? own : shared;
    const sort = this.sorts.get(name) ?? { seen: 0, last: event };
    this.sorts.set(name, sort);
    return sort;
  }
}
