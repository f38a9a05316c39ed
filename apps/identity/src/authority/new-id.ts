import { randomBytes, randomInt } from 'node:crypto';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Such as `rol_1f0c…`. */
export function newId(prefix: 'rol' | 'rs' | 'per' | 'cgr'): string {
  return `${prefix}_${randomBytes(8).toString('hex')}`;
}

/** Has no character that a user's id has, so that neither can be taken for the other. */
export function newClientId(): string {
  return Array.from({ length: 32 }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
}
