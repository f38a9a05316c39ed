import type { signingKey } from '../database/schema.ts';

export type KeyRow = typeof signingKey.$inferSelect;

/** `next` is published and waits, `former` is published and has signed, `revoked` is neither used nor published. */
export type KeyState = 'current' | 'next' | 'former' | 'revoked';

/** What each key is for at a moment. Read from the rows alone, so that every node comes to the same. */
export class KeySchedule {
  readonly rows: readonly KeyRow[];
  readonly #now: number;
  /** The one that signs; undefined only while there is none yet. */
  readonly current: KeyRow | undefined;
  /** The one that is to sign after it. */
  readonly next: KeyRow | undefined;

  constructor(rows: readonly KeyRow[], now: number = Date.now()) {
    this.rows = rows;
    this.#now = now;
    const good = rows.filter(({ revokedAt }) => revokedAt === null);
    const due = good.filter((row) => this.#isDue(row));
    this.current = due.toSorted(byTurn).at(-1);
    this.next = good.filter((row) => !this.#isDue(row) && !this.#isRetired(row)).toSorted(byTurn)[0];
  }

  stateOf(row: KeyRow): KeyState {
    if (row.revokedAt !== null) return 'revoked';
    if (row.kid === this.current?.kid) return 'current';
    return this.#isDue(row) || this.#isRetired(row) ? 'former' : 'next';
  }

  /** What APIs have to know: the one that signs first. @param keep milliseconds that a former key stays */
  published(keep: number): KeyRow[] {
    const order: readonly KeyState[] = ['current', 'next', 'former'];
    return this.rows
      .filter((row) => row.revokedAt === null && !this.isOver(row, keep))
      .toSorted((one, other) => order.indexOf(this.stateOf(one)) - order.indexOf(this.stateOf(other)));
  }

  /** Whether the last token that it can have signed has expired. */
  isOver({ kid, retiredAt, revokedAt }: KeyRow, keep: number): boolean {
    // Whoever was to follow it may have been revoked.
    if (kid === this.current?.kid) return false;
    const ended = retiredAt ?? revokedAt;
    return ended !== null && ended.getTime() + keep <= this.#now;
  }

  /** Milliseconds until another key signs; undefined when none is appointed. */
  get untilTurn(): number | undefined {
    const from = this.next?.signsFrom?.getTime();
    return from === undefined ? undefined : from - this.#now;
  }

  #isDue({ signsFrom }: KeyRow): boolean {
    return signsFrom !== null && signsFrom.getTime() <= this.#now;
  }

  #isRetired({ retiredAt }: KeyRow): boolean {
    return retiredAt !== null && retiredAt.getTime() <= this.#now;
  }
}

/** Those without an appointment last, in the order in which they were made. */
function byTurn(one: KeyRow, other: KeyRow): number {
  const turn = (row: KeyRow): number => row.signsFrom?.getTime() ?? Number.MAX_SAFE_INTEGER;
  return turn(one) - turn(other) || one.createdAt.getTime() - other.createdAt.getTime();
}
