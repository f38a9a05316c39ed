import type { Item, NewItem } from './item.ts';

/** Which versions a conditional write accepts (RFC 9110, 13.1.1); undefined accepts any. */
export type ExpectedVersion = readonly number[] | undefined;

/** The item is not there, or is there in another version than expected. */
export type WriteRefusal = 'absent' | 'stale';

/** Where the menu is kept. A resolved promise means the write is on disk. */
export interface ItemStore {
  /** In the order of creation. */
  list(category?: string): Promise<readonly Item[]>;
  find(id: string): Promise<Item | undefined>;
  insert(item: NewItem): Promise<Item>;
  replace(id: string, item: NewItem, expected: ExpectedVersion): Promise<Item | WriteRefusal>;
  remove(id: string, expected: ExpectedVersion): Promise<'removed' | WriteRefusal>;
  removeAll(): Promise<void>;
  /** Everything out and these in, as one step. */
  reset(items: readonly NewItem[]): Promise<readonly Item[]>;
}

/** Injection token of the one ItemStore. */
export const ITEM_STORE = Symbol('item-store');
