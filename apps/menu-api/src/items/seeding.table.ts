import { integer, pgTable, timestamp } from 'drizzle-orm/pg-core';

/** One row once the menu was seeded, so that a menu emptied on purpose stays empty. */
export const seedingTable = pgTable('seeding', {
  id: integer().primaryKey(),
  seededAt: timestamp('seeded_at', { withTimezone: true, precision: 3 }).notNull(),
});
