import { and, eq, gt, gte, isNull, or } from 'drizzle-orm';
import type { Database } from '../database/database.ts';
import { denial } from '../database/schema.ts';

/** What an access token can be denied by. */
export interface Deniable {
  readonly token: string;
  readonly session: string | undefined;
  readonly grant: string | undefined;
  readonly subject: string;
  readonly client: string;
  readonly issuedAt: Date;
}

/** Milliseconds: the clock of the node that issued a token may be ahead of the one that denied it. */
const CLOCK_SKEW = 1000;

/** Which access tokens are cut off before they expire. */
export class Denials {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async denies({ issuedAt, ...names }: Deniable): Promise<boolean> {
    const named = (['token', 'session', 'grant', 'subject', 'client'] as const).flatMap((by) => {
      const value = names[by];
      return value === undefined ? [] : [and(eq(denial.by, by), eq(denial.value, value))];
    });
    const [found] = await this.#db
      .select({ number: denial.number })
      .from(denial)
      .where(
        and(
          or(...named),
          gt(denial.expiresAt, new Date()),
          or(isNull(denial.issuedUntil), gte(denial.issuedUntil, new Date(issuedAt.getTime() - CLOCK_SKEW))),
        ),
      )
      .limit(1);
    return found !== undefined;
  }
}
