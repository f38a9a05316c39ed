import type { RevocationNews, RevocationPosition, RevocationSource } from '@portcullis/tokens';
import { gt } from 'drizzle-orm';
import type { ChangeLog } from '../changes/change-log.ts';
import { atOneMoment } from '../changes/one-moment.ts';
import type { Database } from '../database/database.ts';
import { denial } from '../database/schema.ts';

/** What access tokens are denied by, for the API in this very process. */
export class OwnRevocations implements RevocationSource {
  readonly #db: Database;
  readonly #changes: ChangeLog;
  readonly #issuer: string;

  constructor(db: Database, changes: ChangeLog, issuer: string) {
    this.#db = db;
    this.#changes = changes;
    this.#issuer = issuer;
  }

  read(after: RevocationPosition | undefined): Promise<RevocationNews> {
    return atOneMoment(this.#db, async (tx, { incarnation, number, trimmedUpTo }) => {
      const follows = after?.incarnation === incarnation && after.number >= trimmedUpTo;
      const rows = await tx
        .select()
        .from(denial)
        .where(follows ? gt(denial.number, after.number) : gt(denial.expiresAt, new Date()));
      return {
        position: { incarnation, number },
        snapshot: !follows,
        revocations: rows.map(({ by, value, issuedUntil, expiresAt }) => ({
          issuer: this.#issuer,
          by,
          value,
          expiresAt: expiresAt.getTime() / 1000,
          ...(issuedUntil && { issuedUntil: issuedUntil.getTime() / 1000 }),
        })),
      };
    });
  }

  onNews(wake: () => void): () => void {
    return this.#changes.onNews(wake);
  }
}
