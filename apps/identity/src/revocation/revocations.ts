import { and, eq, inArray, isNotNull, isNull, notInArray, or, sql, type SQL } from 'drizzle-orm';
import { endArtifacts } from '../artifacts/ended-artifacts.ts';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog, RecordChange } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { artifact } from '../database/schema.ts';
import { addLogoutNotices, clientSessions } from '../logout/logout-notices.ts';

/** A write that is under way, whose transaction the ending becomes part of. */
export interface Ongoing {
  readonly tx: Database;
  readonly record: RecordChange;
}

/**
 * Ends what was given out: sessions, grants and their tokens. Access tokens that are out already, which
 * nobody can take back, are denied to the APIs.
 */
export class Revocations {
  readonly #changes: ChangeLog;

  constructor(changes: ChangeLog) {
    this.#changes = changes;
  }

  /** A login of one browser, with what every client got through it. */
  endSession(actor: Actor, sessionUid: string): Promise<void> {
    return this.#changes.write(actor, (tx, record) => this.sessionEnded({ tx, record }, sessionUid));
  }

  /** What a user let a client do, and every token that came of it. */
  endGrant(actor: Actor, grantId: string): Promise<void> {
    return this.#changes.write(actor, (tx, record) => this.grantEnded({ tx, record }, grantId));
  }

  /** Every session and every grant of the user, in every client. */
  endUser(actor: Actor, userId: string, options: EndUserOptions = {}): Promise<void> {
    return this.#changes.write(actor, (tx, record) => this.userEnded({ tx, record }, userId, options));
  }

  async sessionEnded({ tx, record }: Ongoing, sessionUid: string): Promise<void> {
    await noteLogouts(tx, eq(artifact.sessionUid, sessionUid));
    const logins = await loginsOf(tx, sessionUid);
    const grants = logins.flatMap(({ grantId }) => grantId ?? []);
    const ofSession = eq(artifact.sessionUid, sessionUid);
    await endArtifacts(
      tx,
      grants.length === 0 ? ofSession : sql`(${ofSession} OR ${inArray(artifact.grantId, grants)})`,
    );
    await record({
      action: 'session.end',
      target: { kind: 'session', id: sessionUid },
      denies: logins.flatMap(({ sid }) => (sid === undefined ? [] : [{ by: 'session', value: sid }])),
    });
  }

  async grantEnded({ tx, record }: Ongoing, grantId: string): Promise<void> {
    await endArtifacts(tx, eq(artifact.grantId, grantId));
    await record({
      action: 'grant.end',
      target: { kind: 'grant', id: grantId },
      denies: [{ by: 'grant', value: grantId }],
    });
  }

  async userEnded(ongoing: Ongoing, userId: string, { exceptSession }: EndUserOptions = {}): Promise<void> {
    if (exceptSession !== undefined) return this.#othersEnded(ongoing, userId, exceptSession);
    const { tx, record } = ongoing;
    await noteLogouts(tx, eq(artifact.accountId, userId));
    await endArtifacts(tx, eq(artifact.accountId, userId));
    await record({
      action: 'user.sessions.end',
      target: { kind: 'user', id: userId },
      denies: [{ by: 'subject', value: userId, issuedUntil: new Date() }],
    });
  }

  /** Grant by grant: a cut-off by time would deny the session that goes on as well. */
  async #othersEnded({ tx, record }: Ongoing, userId: string, exceptSession: string): Promise<void> {
    const kept = (await loginsOf(tx, exceptSession)).flatMap(({ grantId }) => grantId ?? []);
    const others = and(
      eq(artifact.accountId, userId),
      sql`${artifact.sessionUid} IS DISTINCT FROM ${exceptSession}`,
      kept.length === 0 ? undefined : or(isNull(artifact.grantId), notInArray(artifact.grantId, kept)),
    );
    const grants = await tx
      .selectDistinct({ id: artifact.grantId })
      .from(artifact)
      .where(and(others, isNotNull(artifact.grantId)));
    if (others) {
      await noteLogouts(tx, others);
      await endArtifacts(tx, others);
    }
    await record({
      action: 'user.sessions.end',
      target: { kind: 'user', id: userId },
      after: { except: exceptSession },
      denies: grants.flatMap(({ id }) => (id === null ? [] : [{ by: 'grant', value: id }])),
    });
  }
}

export interface EndUserOptions {
  /** The session that goes on: of whoever asked for it. */
  readonly exceptSession?: string;
}

/** Has every client of these sessions told that they are over. */
async function noteLogouts(tx: Database, which: SQL): Promise<void> {
  const sessions = await tx
    .select({ payload: artifact.payload })
    .from(artifact)
    .where(and(eq(artifact.model, 'Session'), which));
  await addLogoutNotices(
    tx,
    sessions.flatMap(({ payload }) => clientSessions(payload.accountId, payload.authorizations)),
  );
}

/** What each client got through a session: its own name for it (`sid`) and its grant. */
async function loginsOf(tx: Database, sessionUid: string) {
  const [session] = await tx
    .select({ payload: artifact.payload })
    .from(artifact)
    .where(and(eq(artifact.model, 'Session'), eq(artifact.sessionUid, sessionUid)));
  return Object.values(session?.payload.authorizations ?? {});
}
