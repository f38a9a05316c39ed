/** Visits every item, so many at a time. What answers at once is not awaited. */
export async function inLanes<Item>(
  items: Iterable<Item>,
  lanes: number,
  visit: (item: Item) => unknown,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const answer = visit(next.value);
      if (answer instanceof Promise) await answer;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
