import type { Log } from '@portcullis/service';
import { and, eq, inArray, lte, sql } from 'drizzle-orm';
import type { Client, Provider } from 'oidc-provider';
import type { Database } from '../database/database.ts';
import { logoutNotice } from '../database/schema.ts';

type Notice = typeof logoutNotice.$inferSelect;

/** Seconds until a notice is tried again, by how often it was tried; after the last it is given up. */
const RETRY_AFTER = [2, 10, 60, 300];
/** Seconds in which one attempt is over, so that another node may make the next. */
const LEASE = 30;
const AT_ONCE = 20;
const EVERY = 2000;

export type SendLogoutToken = (client: Client, notice: Notice) => Promise<unknown>;

/** Sends logout tokens to the clients that must hear of a logout, until they have or it is no use. */
export class LogoutDelivery {
  readonly #db: Database;
  readonly #provider: Provider;
  readonly #send: SendLogoutToken;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(parts: {
    readonly db: Database;
    readonly provider: Provider;
    readonly send: SendLogoutToken;
    readonly log: Log;
  }) {
    this.#db = parts.db;
    this.#provider = parts.provider;
    this.#send = parts.send;
    this.#log = parts.log;
    this.#timer = setInterval(() => this.wake(), EVERY);
    this.#timer.unref();
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#sendDue()
      .catch((error: unknown) => this.#log.error({ err: error }, 'logout notices could not be read'))
      .finally(() => {
        this.#running = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.wake();
      });
  }

  /** Resolves when nothing is under way any more. What was not sent is sent after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #sendDue(): Promise<void> {
    const due = await this.#claim();
    await Promise.all(due.map((notice) => this.#deliver(notice)));
    if (due.length === AT_ONCE) this.#again = true;
  }

  /** Takes what is due, so that no other node sends it meanwhile. */
  #claim(): Promise<Notice[]> {
    const key = sql`(${logoutNotice.clientId}, ${logoutNotice.sid})`;
    const due = this.#db
      .select({ clientId: logoutNotice.clientId, sid: logoutNotice.sid })
      .from(logoutNotice)
      .where(lte(logoutNotice.dueAt, new Date()))
      .orderBy(logoutNotice.dueAt)
      .limit(AT_ONCE)
      .for('update', { skipLocked: true });
    return this.#db
      .update(logoutNotice)
      .set({ attempts: sql`${logoutNotice.attempts} + 1`, dueAt: new Date(Date.now() + LEASE * 1000) })
      .where(inArray(key, due))
      .returning();
  }

  async #deliver(notice: Notice): Promise<void> {
    const facts = { client: notice.clientId, user: notice.subject, attempt: notice.attempts };
    try {
      const client = await this.#provider.Client.find(notice.clientId);
      if (client?.backchannelLogoutUri !== undefined) {
        await this.#send(client, notice);
        this.#log.info(facts, 'client told of a logout');
      }
      await this.#db.delete(logoutNotice).where(itself(notice));
    } catch (error) {
      await this.#failed(notice, { ...facts, reason: reasonOf(error) });
    }
  }

  async #failed(notice: Notice, facts: object): Promise<void> {
    const seconds = RETRY_AFTER[notice.attempts - 1];
    if (seconds === undefined) {
      this.#log.error(facts, 'client could not be told of a logout');
      await this.#db.delete(logoutNotice).where(itself(notice));
      return;
    }
    this.#log.warn(facts, 'client not told of a logout yet');
    const dueAt = new Date(Date.now() + seconds * 1000);
    await this.#db.update(logoutNotice).set({ dueAt }).where(itself(notice));
  }
}

const itself = ({ clientId, sid }: Notice) =>
  and(eq(logoutNotice.clientId, clientId), eq(logoutNotice.sid, sid));

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
