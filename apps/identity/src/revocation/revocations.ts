import { and, eq, inArray, isNotNull, isNull, notInArray, or, sql, type SQL } from 'drizzle-orm';
import { endArtifacts, endLoggedInInteractions } from '../artifacts/ended-artifacts.ts';
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
  readonly #db: Database;
  readonly #changes: ChangeLog;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(db: Database, changes: ChangeLog) {
    this.#db = db;
    this.#changes = changes;
  }

  /** A login of one browser, with what every client got through it. One that is over already is left alone. */
  endSession(actor: Actor, sessionUid: string, options: EndSessionOptions = {}): Promise<void> {
    return this.#once(
      eq(artifact.sessionUid, sessionUid),
      `session ${sessionUid} ${options.keepNative}`,
      () =>
        this.#changes.write(actor, (tx, record) => this.sessionEnded({ tx, record }, sessionUid, options)),
    );
  }

  /** What a user let a client do, and every token that came of it. One that is over already is left alone. */
  endGrant(actor: Actor, grantId: string): Promise<void> {
    return this.#once(eq(artifact.grantId, grantId), `grant ${grantId}`, () =>
      this.#changes.write(actor, (tx, record) => this.grantEnded({ tx, record }, grantId)),
    );
  }

  /** Every session and every grant of the user, in every client. */
  endUser(actor: Actor, userId: string, options: EndUserOptions = {}): Promise<void> {
    return this.#changes.write(actor, (tx, record) => this.userEnded({ tx, record }, userId, options));
  }

  /** Everything that was given to a client, by whomever; what it is given from now on is not affected. */
  endClient(actor: Actor, clientId: string): Promise<void> {
    return this.#changes.write(actor, (tx, record) => this.clientEnded({ tx, record }, clientId));
  }

  async sessionEnded(
    { tx, record }: Ongoing,
    sessionUid: string,
    { keepNative = false }: EndSessionOptions = {},
  ): Promise<void> {
    await noteLogouts(tx, eq(artifact.sessionUid, sessionUid));
    const all = await loginsOf(tx, sessionUid);
    const logins = keepNative ? all.filter(({ persistsLogout }) => !persistsLogout) : all;
    const kept = all.filter((login) => !logins.includes(login)).flatMap(({ grantId }) => grantId ?? []);
    const grants = logins.flatMap(({ grantId }) => grantId ?? []);
    const ofSession = eq(artifact.sessionUid, sessionUid);
    const which = or(
      kept.length === 0
        ? ofSession
        : and(ofSession, or(isNull(artifact.grantId), notInArray(artifact.grantId, kept))),
      grants.length === 0 ? undefined : inArray(artifact.grantId, grants),
    );
    const ended = await endArtifacts(tx, which ?? ofSession);
    if (ended === 0) return;
    await record({
      action: 'session.end',
      target: { kind: 'session', id: sessionUid },
      denies: logins.flatMap(({ sid }) => (sid === undefined ? [] : [{ by: 'session', value: sid }])),
    });
  }

  async grantEnded({ tx, record }: Ongoing, grantId: string): Promise<void> {
    if ((await endArtifacts(tx, eq(artifact.grantId, grantId))) === 0) return;
    await record({
      action: 'grant.end',
      target: { kind: 'grant', id: grantId },
      denies: [{ by: 'grant', value: grantId }],
    });
  }

  async clientEnded({ tx, record }: Ongoing, clientId: string): Promise<void> {
    await endArtifacts(tx, eq(artifact.clientId, clientId));
    await record({
      action: 'client.tokens.end',
      target: { kind: 'client', id: clientId },
      denies: [{ by: 'client', value: clientId, issuedUntil: new Date() }],
    });
  }

  async userEnded(ongoing: Ongoing, userId: string, { exceptSession }: EndUserOptions = {}): Promise<void> {
    const { tx, record } = ongoing;
    await endLoggedInInteractions(tx, userId);
    if (exceptSession !== undefined) return this.#othersEnded(ongoing, userId, exceptSession);
    await noteLogouts(tx, eq(artifact.accountId, userId));
    await endArtifacts(tx, eq(artifact.accountId, userId));
    await record({
      action: 'user.sessions.end',
      target: { kind: 'user', id: userId },
      denies: [{ by: 'subject', value: userId, issuedUntil: new Date() }],
    });
  }

  /** Whoever sends a used code fifty times at once has the log locked once. */
  #once(which: SQL, name: string, end: () => Promise<void>): Promise<void> {
    const under = this.#underWay.get(name);
    if (under) return under;
    const ending = this.#db
      .select({ model: artifact.model })
      .from(artifact)
      .where(which)
      .limit(1)
      .then(([lives]) => (lives ? end() : undefined))
      .finally(() => this.#underWay.delete(name));
    this.#underWay.set(name, ending);
    return ending;
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

export interface EndSessionOptions {
  /** Native clients keep what they got: logging out of the browser does not log a command line out. */
  readonly keepNative?: boolean;
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
