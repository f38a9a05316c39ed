import type { Log } from '@portcullis/service';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import type { Settings } from '../settings.ts';
import { deriveKey } from './derived-key.ts';
import { KeyRing } from './key-ring.ts';

/** @throws StartRefused when the secret is another's */
export async function openKeyRing(parts: {
  readonly settings: Settings;
  readonly secret: string;
  readonly db: Database;
  readonly changes: ChangeLog;
  readonly log: Log;
}): Promise<KeyRing> {
  const { settings, secret, ...rest } = parts;
  const former = settings.formerKeyEncryptionSecret;
  const ring = new KeyRing({
    ...rest,
    encryptionKey: deriveKey(secret, 'signing-key-encryption'),
    formerEncryptionKey: former === undefined ? undefined : deriveKey(former, 'signing-key-encryption'),
    rotation: settings.keyRotation,
    lead: settings.keyLead,
    longestToken: settings.accessTokenTtl,
  });
  await ring.open();
  return ring;
}
