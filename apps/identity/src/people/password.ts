import { hash, verify } from '@node-rs/argon2';
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Turnstile } from './turnstile.ts';

/** argon2id (the library's default variant) with the memory and passes of RFC 9106, 4: about a tenth of a second. */
const COST = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };

/** Without letters and digits that look alike, and without upper case: it is typed from a terminal. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';

/**
 * Hashing runs on the thread pool of this process, four threads that signatures are checked on as well.
 * However many log in at once, one core and one thread stay free for the others.
 */
const turnstile = new Turnstile({
  atOnce: Math.max(1, Math.min(3, availableParallelism() - 1)),
  longestQueue: 200,
});

/** @throws Overloaded */
export function hashPassword(password: string): Promise<string> {
  return turnstile.pass(() => hash(password.normalize('NFC'), COST));
}

/** @throws Overloaded */
export function verifyPassword(hashed: string, password: string): Promise<boolean> {
  return turnstile.pass(() => verify(hashed, password.normalize('NFC')));
}

/** About 99 random bits, in five groups of four. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 4 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
  return Array.from({ length: 5 }, group).join('-');
}
