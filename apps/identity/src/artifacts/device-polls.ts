import { sql } from 'drizzle-orm';
import { createHash } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';

/** Seconds that a device waits between two questions (RFC 8628, 3.2). */
export const POLL_INTERVAL = 5;

/** Seconds by which a question may be early: clocks and networks are not exact. */
const TOLERANCE = 1;

/** How often devices ask whether their user has answered. */
export class DevicePolls {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Notes that this device asks now. True when it did so too soon after the last time (RFC 8628, 3.5). */
  async tooSoon(deviceCode: string): Promise<boolean> {
    const values = {
      model: 'DevicePoll',
      idHash: createHash('sha256').update(deviceCode).digest('base64url'),
      payload: {},
      expiresAt: new Date(Date.now() + (POLL_INTERVAL - TOLERANCE) * 1000),
    };
    const noted = await this.#db
      .insert(artifact)
      .values(values)
      .onConflictDoUpdate({
        target: [artifact.model, artifact.idHash],
        set: { expiresAt: values.expiresAt },
        setWhere: sql`${artifact.expiresAt} <= ${new Date().toISOString()}::timestamptz`,
      })
      .returning({ idHash: artifact.idHash });
    return noted.length === 0;
  }
}
