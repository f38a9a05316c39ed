import { and, eq, gt, isNull, max, ne } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Database } from '../database/database.ts';
import { artifact, type Device } from '../database/schema.ts';

/** A browser that somebody is logged in with. */
export interface BrowserSession {
  /** What pages name it by. */
  readonly publicId: string;
  readonly uid: string;
  readonly loggedInAt: Date;
  readonly lastSeenAt: Date;
  readonly device: Device | null;
}

const LONGEST_USER_AGENT = 512;

/** oidc-provider's sessions, seen from their user's side. */
export class BrowserSessionStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps what the browser shows of itself with its session. */
  async seen(uid: string, { userAgent, address }: Omit<Device, 'seenAt'>): Promise<void> {
    const seenAt = new Date().toISOString();
    await this.#db
      .update(artifact)
      .set({ device: { userAgent: userAgent.slice(0, LONGEST_USER_AGENT), address, seenAt } })
      .where(and(eq(artifact.model, 'Session'), eq(artifact.sessionUid, uid), isNull(artifact.consumedAt)));
  }

  /** The user's, the one seen last first. */
  async list(userId: string): Promise<BrowserSession[]> {
    const token = alias(artifact, 'token');
    // A token that was fetched is a sign of life as well; it brings no address of the browser.
    const fetched = this.#db
      .select({ uid: token.sessionUid, at: max(token.createdAt).as('at') })
      .from(token)
      .where(and(eq(token.accountId, userId), ne(token.model, 'Session')))
      .groupBy(token.sessionUid)
      .as('fetched');
    const rows = await this.#db
      .select({
        publicId: artifact.publicId,
        uid: artifact.sessionUid,
        payload: artifact.payload,
        createdAt: artifact.createdAt,
        device: artifact.device,
        fetchedAt: fetched.at,
      })
      .from(artifact)
      .leftJoin(fetched, eq(fetched.uid, artifact.sessionUid))
      .where(
        and(
          eq(artifact.model, 'Session'),
          eq(artifact.accountId, userId),
          isNull(artifact.consumedAt),
          gt(artifact.expiresAt, new Date()),
        ),
      );
    return rows
      .flatMap((row) => (row.uid === null ? [] : [browserSession(row, row.uid)]))
      .toSorted((one, other) => other.lastSeenAt.getTime() - one.lastSeenAt.getTime());
  }
}

function browserSession(
  row: Pick<typeof artifact.$inferSelect, 'publicId' | 'payload' | 'createdAt' | 'device'> & {
    readonly fetchedAt: Date | null;
  },
  uid: string,
): BrowserSession {
  const { publicId, payload, createdAt, device, fetchedAt } = row;
  const signs = [createdAt, fetchedAt ?? createdAt, new Date(device?.seenAt ?? createdAt)];
  return {
    publicId,
    uid,
    device,
    loggedInAt: payload.loginTs === undefined ? createdAt : new Date(payload.loginTs * 1000),
    lastSeenAt: new Date(Math.max(...signs.map((time) => time.getTime()))),
  };
}
