import { and, asc, gt, type SQL } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../database/database.ts';
import type { Listed } from './page.ts';

/**
 * The rows of one table, in the order of a column that tells them apart.
 *
 * @param options.orderBy instead of that column; checkpoint pages keep to the column
 */
export function tableList<Table extends PgTable>(options: {
  readonly db: Database;
  readonly table: Table;
  readonly key: PgColumn;
  readonly keyOf: (row: Table['$inferSelect']) => string;
  readonly where?: SQL | undefined;
  readonly orderBy?: readonly SQL[] | undefined;
  readonly wire: Listed<Table['$inferSelect']>['wire'];
}): Listed<Table['$inferSelect']> {
  const { db, table, key, where } = options;
  const rows: PgTable = table;
  return {
    read: async ({ limit, offset, after }) => {
      const order = after === undefined ? (options.orderBy ?? [asc(key)]) : [asc(key)];
      const found: Table['$inferSelect'][] = await db
        .select()
        .from(rows)
        .where(and(where, after === undefined ? undefined : gt(key, after)))
        .orderBy(...order)
        .limit(limit)
        .offset(offset);
      return found;
    },
    total: () => db.$count(rows, where),
    placeOf: options.keyOf,
    wire: options.wire,
  };
}
