import type { Revocation } from '@portcullis/tokens';

/** A source of revocations of this process. */
export function revocations() {
  const known: Revocation[] = [];
  const wakes = new Set<() => void>();
  return {
    deny(revocation: Revocation): void {
      known.push(revocation);
      for (const wake of wakes) wake();
    },
    read: () =>
      Promise.resolve({
        position: { incarnation: 'one', number: known.length },
        snapshot: true,
        revocations: [...known],
      }),
    onNews(wake: () => void) {
      wakes.add(wake);
      return () => void wakes.delete(wake);
    },
  };
}
