import { eq } from 'drizzle-orm';
import { randomUUID } from 'node:crypto';
import { BEFORE_THE_FIRST, entryHash } from '../audit/entry-hash.ts';
import type { Database } from '../database/database.ts';
import { auditEntry, authorityTouch, denial, logHead } from '../database/schema.ts';
import type { Actor } from './actor.ts';
import type { Change } from './change.ts';

export interface ChangeLogOptions {
  /** Seconds that any access token can live: so long a denial is kept. */
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

/**
 * Every change of authority goes through here: what is changed, what the audit says of it and what others
 * have to follow are committed together or not at all, and numbered in the order of commits.
 */
export class ChangeLog {
  readonly #db: Database;
  readonly #longestToken: number;
  readonly #listeners = new Set<() => void>();

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

  /** One transaction. Nothing else changes authority while it runs, so it had better be short. */
  async write<Result>(
    actor: Actor,
    work: (tx: Database, record: RecordChange) => Promise<Result>,
  ): Promise<Result> {
    const result = await this.#db.transaction(async (tx) => {
      const [head] = await tx.select().from(logHead).for('update');
      if (!head) throw new Error('the change log was not opened');
      let { number, hash } = head;
      const done = await work(tx, async (change) => {
        number += 1;
        hash = await this.#append(tx, { number, actor, change, before: hash });
        return number;
      });
      if (number > head.number) await tx.update(logHead).set({ number, hash }).where(eq(logHead.id, 1));
      return done;
    });
    for (const listener of this.#listeners) listener();
    return result;
  }

  /** Calls the listener when there may be news. Returns what ends it. */
  onNews(listener: () => void): () => void {
    const added = (): void => listener();
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  async #append(
    tx: Database,
    {
      number,
      actor,
      change,
      before,
    }: { readonly number: number; readonly actor: Actor; readonly change: Change; readonly before: string },
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
      const expiresAt = new Date(at.getTime() + (this.#longestToken + MARGIN) * 1000);
      await tx.insert(denial).values(denies.map((one) => ({ number, expiresAt, ...one })));
    }
    return hash;
  }
}
