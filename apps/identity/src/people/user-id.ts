import { randomBytes } from 'node:crypto';

/** A user's identifier, the `sub` of tokens. The bar keeps it apart from every client id. */
export function newUserId(): string {
  return `portcullis|${randomBytes(12).toString('hex')}`;
}
