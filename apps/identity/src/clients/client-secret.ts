import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Enough for a secret with 128 random bits or more; a password would need a slow hash. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

export function secretMatches(hashed: string, presented: string): boolean {
  const [left, right] = [Buffer.from(hashed), Buffer.from(hashSecret(presented))];
  return left.length === right.length && timingSafeEqual(left, right);
}

export function generateSecret(): string {
  return randomBytes(32).toString('base64url');
}
