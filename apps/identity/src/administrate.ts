import { createLog, StartRefused } from '@portcullis/service';
import { openDatabase } from './database/database.ts';
import { deriveKey } from './keys/derived-key.ts';
import { keyEncryptionSecret } from './keys/key-encryption-secret.ts';
import { rotateSigningKey } from './keys/signing-key.ts';
import { resetSeedPasswords } from './seeds/seed.ts';
import { readSettings } from './settings.ts';

const USAGE = `Usage: npm run identity <command>, while identity is stopped

  rotate-keys   sign with a new key from the next start on; the former stays published for a day
  reset-seed    make new passwords for the two seeded users and print them, this once
`;

/** What is done to the data directory from the terminal. */
export async function administrate(
  command: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (command !== 'rotate-keys' && command !== 'reset-seed') throw new StartRefused(USAGE);
  const settings = readSettings(environment);
  const log = createLog({ name: 'identity', level: settings.logLevel });
  const database = await openDatabase(settings.directory, { url: settings.databaseUrl, log });
  try {
    if (command === 'reset-seed') return (await resetSeedPasswords(database.db)).join('\n');
    const key = deriveKey(keyEncryptionSecret(settings), 'signing-key-encryption');
    return `New signing key: ${await rotateSigningKey(database.db, key)}`;
  } finally {
    await database.close();
  }
}
