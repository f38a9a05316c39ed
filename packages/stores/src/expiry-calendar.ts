/** How many items one sweep takes out at most, so that no caller pays for an idle hour: some 0.3 ms. */
const MOST_AT_ONCE = 1000;

/** Items by the second that they are kept through. One page a second instead of a timer an item. */
export class ExpiryCalendar<T> {
  readonly #pages = new Map<number, T[]>();
  #sweptIn = -Infinity;

  /** @param expiresAt seconds since the epoch, in part or whole; the item is kept through the second that it falls in */
  add(expiresAt: number, item: T): void {
    const second = Math.floor(expiresAt);
    const page = this.#pages.get(second);
    if (page) page.push(item);
    else this.#pages.set(second, [item]);
  }

  /**
   * Takes out items whose second is over: no more than 1000 in one call, and none twice looked for in one second.
   *
   * @param now seconds since the epoch
   */
  sweep(now: number, forget: (item: T) => void): void {
    const second = Math.floor(now);
    if (second === this.#sweptIn) return;
    let places = MOST_AT_ONCE;
    for (const [expiresAt, page] of this.#pages) {
      if (expiresAt >= second) continue;
      const over = page.splice(-places);
      for (const item of over) forget(item);
      if (page.length === 0) this.#pages.delete(expiresAt);
      places -= over.length;
      if (places === 0) return;
    }
    this.#sweptIn = second;
  }
}
