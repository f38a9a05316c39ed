import { randomUUID } from 'node:crypto';
import type { Revocation, RevocationSource } from '@portcullis/tokens';
import { ExpiryCalendar } from './expiry-calendar.ts';

export interface MemoryRevocationsOptions {
  /** The clock, in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

export interface MemoryRevocations extends RevocationSource {
  /**
   * In force from now on. Readers are woken before it returns.
   *
   * @returns its number, counted from 1
   * @throws TypeError for an `expiresAt` that is no number: it would be forgotten at once
   */
  deny(revocation: Revocation): number;
  onNews(wake: () => void): () => void;
}

/** Seconds that a revocation is kept beyond its time, for clocks and tolerances that differ. */
const MARGIN = 60;

/** Revocations of one process, for tests and single nodes: a restart forgets them. Never dropped for space. */
export function memoryRevocations({ now = Date.now }: MemoryRevocationsOptions = {}): MemoryRevocations {
  const incarnation = randomUUID();
  const inForce = new Map<number, Revocation>();
  const calendar = new ExpiryCalendar<number>();
  const wakes = new Set<() => void>();
  let last = 0;
  let trimmedUpTo = 0;

  const trim = (): void =>
    calendar.sweep(now() / 1000, (number) => {
      inForce.delete(number);
      trimmedUpTo = Math.max(trimmedUpTo, number);
    });

  return {
    deny(revocation) {
      if (typeof revocation.expiresAt !== 'number' || Number.isNaN(revocation.expiresAt))
        throw new TypeError('"expiresAt" must be a number of seconds');
      trim();
      last += 1;
      inForce.set(last, Object.freeze({ ...revocation }));
      calendar.add(revocation.expiresAt + MARGIN, last);
      for (const wake of wakes) wake();
      return last;
    },

    async read(after, signal) {
      signal.throwIfAborted();
      trim();
      const position = { incarnation, number: last };
      const known =
        after?.incarnation === incarnation && after.number >= trimmedUpTo && after.number <= last
          ? after.number
          : undefined;
      const revocations = [...inForce].flatMap(([number, revocation]) =>
        known === undefined || number > known ? [revocation] : [],
      );
      return { position, snapshot: known === undefined, revocations };
    },

    onNews(wake) {
      // Of its own, so that one function given twice is two listeners with an end each.
      const listener = (): void => wake();
      wakes.add(listener);
      return () => {
        wakes.delete(listener);
      };
    },
  };
}
