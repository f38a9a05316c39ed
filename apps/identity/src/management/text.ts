import { z } from 'zod';

/** Text that Postgres can keep: without NUL and without halves of characters. */
export function text(longest: number) {
  return z.string().min(1).max(longest).refine(isStorable, 'Contains the character NUL or half a character');
}

/** A JSON object of the same kind, of which every text is. */
export const metadata = z
  .record(z.string(), z.unknown())
  .refine(isStorable, 'Contains the character NUL or half a character');

function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, member]) => isStorable(name) && isStorable(member));
}

/** An identifier in a path. */
export const id = text(700);
