/** Milliseconds. */
const WINDOW = 60_000;
/** Of each sort in a window, one by one. */
const TOLD = 10;
/** Sorts that are told apart in a window. */
const SORTS = 1000;

interface Sort<Item> {
  seen: number;
  last: Item;
}

/**
 * Tells of the first items of each sort and counts the others, so that a flood of failed logins fills neither the log
 * nor the memory.
 */
export class Sampling<Item> {
  private readonly sorts = new Map<string, Sort<Item>>();
  private readonly tell: (item: Item, notTold?: number) => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param tell is told of an item; and at the end of each minute, with the last of a sort, how many it was not told of */
  constructor(tell: (item: Item, notTold?: number) => void) {
    this.tell = tell;
  }

  /** @param shared the sort to count it as while there are too many others */
  take(item: Item, own: string, shared = own): void {
    const sort = this.sortOf(item, this.sorts.has(own) || this.sorts.size < SORTS ? own : shared);
    sort.seen++;
    sort.last = item;
    if (sort.seen <= TOLD) this.tell(item);
  }

  /** Ends the minute now: tells of what was only counted. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const { seen, last } of this.sorts.values()) if (seen > TOLD) this.tell(last, seen - TOLD);
    this.sorts.clear();
  }

  private sortOf(item: Item, name: string): Sort<Item> {
    this.timer ??= setTimeout(() => this.flush(), WINDOW).unref();
    const sort = this.sorts.get(name) ?? { seen: 0, last: item };
    this.sorts.set(name, sort);
    return sort;
  }
}
