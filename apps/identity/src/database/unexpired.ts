import { gt, isNull, or, sql, type Column, type SQL } from 'drizzle-orm';

/** Whether what a row says holds still, by the clock of the database, which every node shares. */
export function unexpired(expiresAt: Column): SQL | undefined {
  return or(isNull(expiresAt), gt(expiresAt, sql`now()`));
}
