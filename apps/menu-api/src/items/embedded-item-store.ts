import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { PgliteDatabase } from 'drizzle-orm/pglite';
import { v7 as uuidv7 } from 'uuid';
import type { Item, NewItem } from './item.ts';
import type { ExpectedVersion, ItemStore, WriteRefusal } from './item-store.ts';
import { itemTable, type ItemRow } from './item.table.ts';
import { seedingTable } from './seeding.table.ts';

export type MenuDatabase = PgliteDatabase<{ itemTable: typeof itemTable; seedingTable: typeof seedingTable }>;

/** The menu in the Postgres of this process. */
export function createEmbeddedItemStore(db: MenuDatabase): ItemStore {
  const matching = (id: string, expected: ExpectedVersion) =>
    and(eq(itemTable.id, id), expected === undefined ? undefined : inArray(itemTable.version, [...expected]));

  const find = async (id: string): Promise<Item | undefined> => {
    const [row] = await db.select().from(itemTable).where(eq(itemTable.id, id));
    return row && itemOf(row);
  };
  const refusal = async (id: string): Promise<WriteRefusal> => ((await find(id)) ? 'stale' : 'absent');

  return {
    find,
    async list(category) {
      const inCategory = category === undefined ? undefined : eq(itemTable.category, category);
      const rows = await db.select().from(itemTable).where(inCategory).orderBy(asc(itemTable.id));
      return rows.map(itemOf);
    },
    async insert(item) {
      const [row] = await db.insert(itemTable).values(newRow(item)).returning();
      if (!row) throw new Error('the database stored an item and returned none');
      return itemOf(row);
    },
    async replace(id, item, expected) {
      const changes = {
        ...item,
        calories: item.calories ?? null,
        updatedAt: new Date(),
        version: sql`${itemTable.version} + 1`,
      };
      const [row] = await db.update(itemTable).set(changes).where(matching(id, expected)).returning();
      return row ? itemOf(row) : refusal(id);
    },
    async remove(id, expected) {
      const removed = await db
        .delete(itemTable)
        .where(matching(id, expected))
        .returning({ id: itemTable.id });
      return removed.length > 0 ? 'removed' : refusal(id);
    },
    async removeAll() {
      await db.delete(itemTable);
    },
    async reset(items) {
      const rows = items.map(newRow);
      await db.transaction(async (transaction) => {
        await transaction.delete(itemTable);
        if (rows.length > 0) await transaction.insert(itemTable).values(rows);
      });
      return rows.map(itemOf);
    },
  };
}

/** Puts the seeds into a menu that never had any. */
export async function seedOnce(db: MenuDatabase, items: readonly NewItem[]): Promise<void> {
  await db.transaction(async (transaction) => {
    const first = await transaction
      .insert(seedingTable)
      .values({ id: 1, seededAt: new Date() })
      .onConflictDoNothing()
      .returning({ id: seedingTable.id });
    if (first.length > 0) await transaction.insert(itemTable).values(items.map(newRow));
  });
}

/** UUID version 7 (RFC 9562, 5.7): in the order of creation, and not to be guessed in bulk. */
function newRow(item: NewItem): ItemRow {
  const now = new Date();
  return {
    id: uuidv7(),
    ...item,
    calories: item.calories ?? null,
    createdAt: now,
    updatedAt: now,
    version: 1,
  };
}

function itemOf({ calories, createdAt, updatedAt, ...row }: ItemRow): Item {
  return {
    ...row,
    ...(calories === null ? {} : { calories }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
