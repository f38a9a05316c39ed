import { desc, eq, sql } from 'drizzle-orm';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { signingKey } from '../database/schema.ts';
import { rotateSigningKey } from './signing-key.ts';

/** A signing key without its private part. */
export type KnownKey = Omit<typeof signingKey.$inferSelect, 'privateJwe'>;

/** The signing keys as they are administrated. What is changed counts from the next start on. */
export class SigningKeys {
  readonly #db: Database;
  readonly #changes: ChangeLog;
  readonly #encryptionKey: Uint8Array;

  constructor(db: Database, changes: ChangeLog, encryptionKey: Uint8Array) {
    this.#db = db;
    this.#changes = changes;
    this.#encryptionKey = encryptionKey;
  }

  /** The newest first. */
  all(): Promise<KnownKey[]> {
    const { kid, publicJwk, createdAt, retiredAt, revokedAt } = signingKey;
    return this.#db
      .select({ kid, publicJwk, createdAt, retiredAt, revokedAt })
      .from(signingKey)
      .orderBy(desc(createdAt));
  }

  /** Returns the new key's id. */
  rotate(actor: Actor): Promise<string> {
    return this.#changes.write(actor, async (tx, record) => {
      const kid = await rotateSigningKey(tx, this.#encryptionKey);
      await record({ action: 'key.rotate', target: { kind: 'key', id: kid } });
      return kid;
    });
  }

  revoke(actor: Actor, kid: string): Promise<void> {
    return this.#changes.write(actor, async (tx, record) => {
      const now = new Date();
      await tx
        .update(signingKey)
        .set({ revokedAt: now, retiredAt: sql`coalesce(${signingKey.retiredAt}, ${now})` })
        .where(eq(signingKey.kid, kid));
      await record({ action: 'key.revoke', target: { kind: 'key', id: kid } });
    });
  }
}
