import type { Log } from '@portcullis/service';
import type { OpenDatabase } from '@portcullis/service/database';
import { and, eq, lt, lte, max, sql } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { BEFORE_THE_FIRST, entryHash } from '../audit/entry-hash.ts';
import type { Database } from '../database/database.ts';
import { auditEntry, authorityTouch, denial, logHead, resourceServer } from '../database/schema.ts';
import type * as schema from '../database/schema.ts';
import type { Actor } from './actor.ts';
import type { Change } from './change.ts';

export interface ChangeLogOptions {
  /** Seconds that access tokens live; longer where an API says so. So long a denial is kept. */
  readonly longestToken: number;
}

/** How far the log has come. */
export interface LogPosition {
  readonly incarnation: string;
  readonly number: number;
}

/** Writes a change into the log, in the transaction that makes it. Resolves with its number. */
export type RecordChange = (change: Change) => Promise<number>;

/** Seconds: clocks and tolerances differ by that at most. */
const MARGIN = 60;
const CHANNEL = 'identity_changes';
/** Milliseconds. Notifications do not come through every proxy that stands before a database. */
const LOOK_EVERY = 5000;

/**
 * Every change of authority goes through here: what is changed, what the audit says of it and what others
 * have to follow are committed together or not at all, and numbered in the order of commits.
 */
export class ChangeLog {
  readonly #db: Database;
  readonly #longestToken: number;
  readonly #listeners = new Set<() => void>();
  #seen: LogPosition | undefined;

  constructor(db: Database, { longestToken }: ChangeLogOptions) {
    this.#db = db;
    this.#longestToken = longestToken;
  }

  /** Makes the head of an empty log. To be called once at start. */
  async open(): Promise<void> {
    await this.#db
      .insert(logHead)
      .values({ incarnation: randomUUID(), number: 0, hash: BEFORE_THE_FIRST })
      .onConflictDoNothing();
  }

  async position(): Promise<LogPosition> {
    const [head] = await this.#db.select().from(logHead);
    if (!head) throw new Error('the change log was not opened');
    return { incarnation: head.incarnation, number: head.number };
  }

  /**
   * Hears what other nodes write: at once, and within seconds where notifications do not come. Returns what
   * ends it.
   */
  follow(listen: OpenDatabase<typeof schema>['listen'], log: Log): () => void {
    const look = (): void => {
      this.position().then(
        (position) => this.#heard(position),
        (error: unknown) => log.warn({ err: error }, 'the change log cannot be read'),
      );
    };
    const stopListening = listen(CHANNEL, look);
    const timer = setInterval(look, LOOK_EVERY).unref();
    return () => {
      clearInterval(timer);
      stopListening();
    };
  }

  /** One transaction. Nothing else changes authority while it runs, so it had better be short. */
  async write<Result>(
    actor: Actor,
    work: (tx: Database, record: RecordChange) => Promise<Result>,
  ): Promise<Result> {
    const { result, position } = await this.#db.transaction(async (tx) => {
      const [head] = await tx.select().from(logHead).for('update');
      if (!head) throw new Error('the change log was not opened');
      let { number, hash } = head;
      const longest = await this.#longest(tx);
      const worked = await work(tx, async (change) => {
        number += 1;
        hash = await this.#append(tx, { number, actor, change, before: hash, longest });
        return number;
      });
      if (number > head.number) {
        await tx.update(logHead).set({ number, hash }).where(eq(logHead.id, 1));
        await tx.execute(sql`SELECT pg_notify(${CHANNEL}, '')`);
      }
      return { result: worked, position: { incarnation: head.incarnation, number } };
    });
    this.#heard(position);
    return result;
  }

  /** Drops touches and denials that can concern no token any more, and says up to which number. */
  async trim(): Promise<void> {
    const living = sql`now() - make_interval(secs => ${(await this.#longest(this.#db)) + MARGIN})`;
    const [last] = await this.#db
      .select({ number: max(auditEntry.number) })
      .from(auditEntry)
      .where(lt(auditEntry.at, living));
    const upTo = last?.number;
    if (upTo == null) return;
    await this.#db.transaction(async (tx) => {
      const [trimmed] = await tx
        .update(logHead)
        .set({ trimmedUpTo: upTo })
        .where(lt(logHead.trimmedUpTo, upTo))
        .returning({ id: logHead.id });
      if (!trimmed) return;
      await tx.delete(authorityTouch).where(lte(authorityTouch.number, upTo));
      await tx.delete(denial).where(and(lte(denial.number, upTo), lt(denial.expiresAt, sql`now()`)));
    });
  }

  /** Calls the listener when there may be news. Returns what ends it. */
  onNews(listener: () => void): () => void {
    const added = (): void => listener();
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  #heard(position: LogPosition): void {
    const { incarnation, number } = this.#seen ?? {};
    if (incarnation === position.incarnation && number !== undefined && position.number <= number) return;
    this.#seen = position;
    for (const listener of this.#listeners) listener();
  }

  async #longest(db: Database): Promise<number> {
    const [ofApis] = await db.select({ seconds: max(resourceServer.tokenLifetime) }).from(resourceServer);
    return Math.max(this.#longestToken, ofApis?.seconds ?? 0);
  }

  async #append(
    tx: Database,
    {
      number,
      actor,
      change,
      before,
      longest,
    }: {
      readonly number: number;
      readonly actor: Actor;
      readonly change: Change;
      readonly before: string;
      readonly longest: number;
    },
  ): Promise<string> {
    const at = new Date();
    const entry = JSON.stringify({ number, at: at.toISOString(), actor, ...change });
    const hash = entryHash(before, entry);
    await tx.insert(auditEntry).values({
      number,
      at,
      action: change.action,
      actor: actor.subject,
      targetKind: change.target.kind,
      targetId: change.target.id,
      entry,
      hash,
    });
    const { touches = [], denies = [] } = change;
    if (touches.length > 0)
      await tx.insert(authorityTouch).values(touches.map((touch) => ({ number, ...touch })));
    if (denies.length > 0) {
      const expiresAt = new Date(at.getTime() + (longest + MARGIN) * 1000);
      await tx.insert(denial).values(denies.map((one) => ({ number, expiresAt, ...one })));
    }
    return hash;
  }
}
