import { and, asc, desc, eq, gt, isNull, lte, or } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { authorityTouch, denial } from '../database/schema.ts';
import type { ChangeLog, LogPosition } from './change-log.ts';
import { atOneMoment } from './one-moment.ts';

/** What changed for one API between two positions; as a snapshot, all that is in force at one. */
export interface ChangePage extends LogPosition {
  readonly snapshot: boolean;
  /** In a snapshot: whoever was told at an earlier number looks again. */
  readonly floor?: number;
  /** Whose permissions at this API may be others; null: everybody's, through every client. */
  readonly touches: readonly {
    readonly number: number;
    readonly subject: string | null;
    readonly client: string | null;
  }[];
  /** What access tokens that are out already are denied by. Times in seconds since the epoch. */
  readonly denials: readonly {
    readonly number: number;
    readonly by: (typeof denial.$inferSelect)['by'];
    readonly value: string;
    readonly issuedUntil: number | null;
    readonly expiresAt: number;
  }[];
}

/** Whoever is further behind is better off with a snapshot. */
const MOST_TOUCHES = 10_000;
const MOST_REMEMBERED = 64;

/** The log of changes as an API may see it: touches of its own, and every denial, for tokens may be for several APIs. */
export class ChangePages {
  readonly #db: Database;
  readonly #changes: ChangeLog;
  /** Every node of an API asks for the same pages at the same time, and a page never becomes another. */
  readonly #read = new Map<string, Promise<ChangePage | undefined>>();

  constructor(db: Database, changes: ChangeLog) {
    this.#db = db;
    this.#changes = changes;
  }

  /** Undefined when the log does not tell any more, or is another one: then there is only a snapshot. */
  async after(apiId: string, from: LogPosition): Promise<ChangePage | undefined> {
    const { incarnation, number } = await this.#changes.position();
    const key = JSON.stringify([apiId, from.incarnation, from.number, incarnation, number]);
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const page = this.#pageAfter(apiId, from);
    this.#read.set(key, page);
    page.catch(() => this.#read.delete(key));
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= MOST_REMEMBERED) break;
      this.#read.delete(oldest);
    }
    return page;
  }

  #pageAfter(apiId: string, { incarnation, number: from }: LogPosition): Promise<ChangePage | undefined> {
    return atOneMoment(this.#db, async (tx, head) => {
      const { number, trimmedUpTo } = head;
      if (incarnation !== head.incarnation || from < trimmedUpTo || from > number) return undefined;
      const touches = await tx
        .select()
        .from(authorityTouch)
        .where(and(gt(authorityTouch.number, from), lte(authorityTouch.number, number), ofApi(apiId)))
        .orderBy(asc(authorityTouch.number))
        .limit(MOST_TOUCHES + 1);
      if (touches.length > MOST_TOUCHES) return undefined;
      const denials = await tx
        .select()
        .from(denial)
        .where(and(gt(denial.number, from), lte(denial.number, number)))
        .orderBy(asc(denial.number));
      return {
        incarnation,
        number,
        snapshot: false,
        touches: touches.map((touch) => ({
          number: touch.number,
          subject: touch.subject,
          client: touch.clientId,
        })),
        denials: denials.map(written),
      };
    });
  }

  snapshot(apiId: string): Promise<ChangePage> {
    return atOneMoment(this.#db, async (tx, { incarnation, number, trimmedUpTo }) => {
      const [last] = await tx
        .select({ number: authorityTouch.number })
        .from(authorityTouch)
        .where(and(ofApi(apiId), lte(authorityTouch.number, number)))
        .orderBy(desc(authorityTouch.number))
        .limit(1);
      const inForce = await tx
        .select()
        .from(denial)
        .where(and(gt(denial.expiresAt, new Date()), lte(denial.number, number)))
        .orderBy(asc(denial.number));
      return {
        incarnation,
        number,
        snapshot: true,
        floor: Math.max(last?.number ?? 0, trimmedUpTo),
        touches: [],
        denials: inForce.map(written),
      };
    });
  }
}

function ofApi(apiId: string) {
  return or(isNull(authorityTouch.resourceServerId), eq(authorityTouch.resourceServerId, apiId));
}

function written({ number, by, value, issuedUntil, expiresAt }: typeof denial.$inferSelect) {
  return {
    number,
    by,
    value,
    issuedUntil: issuedUntil === null ? null : issuedUntil.getTime() / 1000,
    expiresAt: expiresAt.getTime() / 1000,
  };
}
