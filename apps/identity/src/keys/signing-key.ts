import { StartRefused } from '@portcullis/service';
import { desc, gt, isNull, or } from 'drizzle-orm';
import {
  calculateJwkThumbprint,
  compactDecrypt,
  CompactEncrypt,
  exportJWK,
  generateKeyPair,
  type JWK,
} from 'jose';
import type { Database } from '../database/database.ts';
import { signingKey } from '../database/schema.ts';

/** How long a retired key stays published: longer than any token that it can have signed lives. */
const PUBLISHED_AFTER_RETIREMENT = 24 * 60 * 60 * 1000;

/** A private RSA key as a JWK; the public one is what `publicKeys` makes of it. */
export interface SigningKey extends JWK {
  readonly kid: string;
}

/** The keys to publish, the one to sign with first. Makes the first one if there is none. */
export async function loadSigningKeys(db: Database, encryptionKey: Uint8Array): Promise<SigningKey[]> {
  const rows = await db
    .select()
    .from(signingKey)
    .where(
      or(
        isNull(signingKey.retiredAt),
        gt(signingKey.retiredAt, new Date(Date.now() - PUBLISHED_AFTER_RETIREMENT)),
      ),
    )
    .orderBy(desc(signingKey.createdAt));
  if (!rows.some((row) => row.retiredAt === null)) {
    await rotateSigningKey(db, encryptionKey);
    return loadSigningKeys(db, encryptionKey);
  }
  return Promise.all(rows.map((row) => decryptKey(row.privateJwe, row.kid, encryptionKey)));
}

/** Makes a new key the signing one; the former stays published. Returns the new key's id. */
export async function rotateSigningKey(db: Database, encryptionKey: Uint8Array): Promise<string> {
  const pair = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const kid = await calculateJwkThumbprint(await exportJWK(pair.publicKey));
  const members = { kid, use: 'sig', alg: 'RS256' };
  const publicJwk = { ...(await exportJWK(pair.publicKey)), ...members };
  const privateJwk = { ...(await exportJWK(pair.privateKey)), ...members };
  const privateJwe = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(privateJwk)))
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
    .encrypt(encryptionKey);
  await db.transaction(async (tx) => {
    await tx.update(signingKey).set({ retiredAt: new Date() }).where(isNull(signingKey.retiredAt));
    await tx.insert(signingKey).values({ kid, privateJwe, publicJwk });
  });
  return kid;
}

/** The same keys without what must stay secret. */
export function publicKeys(keys: readonly SigningKey[]): { readonly keys: JWK[] } {
  return { keys: keys.map(({ kty, n, e, kid, use, alg }) => ({ kty, n, e, kid, use, alg }) as JWK) };
}

async function decryptKey(jwe: string, kid: string, encryptionKey: Uint8Array): Promise<SigningKey> {
  try {
    const { plaintext } = await compactDecrypt(jwe, encryptionKey);
    return { ...(JSON.parse(new TextDecoder().decode(plaintext)) as JWK), kid };
  } catch (cause) {
    throw new StartRefused(
      'KEY_ENCRYPTION_SECRET is not the one that encrypted the signing keys in this data directory. ' +
        'Set the former one, or start with an empty DATA_DIR.',
      { cause },
    );
  }
}
