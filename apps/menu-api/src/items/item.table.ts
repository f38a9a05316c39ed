import { index, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';

export const itemTable = pgTable(
  'item',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    price: integer().notNull(),
    tagline: text().notNull(),
    description: text().notNull(),
    image: text().notNull(),
    calories: integer(),
    category: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true, precision: 3 }).notNull(),
    updatedAt: timestamp('updated_at', { withTimezone: true, precision: 3 }).notNull(),
    version: integer().notNull(),
  },
  (table) => [index('item_category').on(table.category, table.id)],
);

export type ItemRow = typeof itemTable.$inferSelect;
