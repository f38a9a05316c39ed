import { createHash } from 'node:crypto';

/** What the first entry has before it. */
export const BEFORE_THE_FIRST = '0'.repeat(64);

/** SHA-256 of the former entry's hash and this entry, in hex. */
export function entryHash(before: string, entry: string): string {
  return createHash('sha256').update(`${before}\n${entry}`).digest('hex');
}
