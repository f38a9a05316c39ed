import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../settings.ts';

/**
 * The secret from which every other key is derived. In development one is made at first start and kept,
 * readable by its owner alone, in the data directory: it protects a stolen database, not a stolen disk.
 */
export function keyEncryptionSecret(
  settings: Pick<Settings, 'directory' | 'keyEncryptionSecret' | 'strict'>,
): string {
  if (settings.keyEncryptionSecret !== undefined) return settings.keyEncryptionSecret;
  const file = join(settings.directory, 'key-encryption.secret');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const secret = randomBytes(32).toString('base64url');
    writeFileSync(file, secret, { mode: 0o600, flag: 'wx' });
    return secret;
  }
}
