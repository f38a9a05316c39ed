/**
 * One listener for all of them. What one throws, or rejects with when it is asynchronous, becomes a process warning of
 * the code PORTCULLIS_OBSERVER, and reaches neither the others nor whoever tells them.
 *
 * @param who the listeners, as the beginning of the warning
 */
export function quiet<Given extends unknown[]>(
  who: string,
  listeners: readonly ((...given: Given) => unknown)[],
): (...given: Given) => void {
  if (listeners.length === 0) return nothing;
  const warn = (thrown: unknown): void => {
    // Not everything that can be thrown can be made a text of.
    const what =
      thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `a value of type ${typeof thrown}`;
    process.emitWarning(`${who} threw: ${what}`, { code: 'PORTCULLIS_OBSERVER' });
  };
  return (...given) => {
    for (const listener of listeners) {
      try {
        const ended = listener(...given);
        if (ended instanceof Promise) ended.catch(warn); // else it would end the process
      } catch (error) {
        warn(error);
      }
    }
  };
}

function nothing(): void {}
