import { and, eq, gt, inArray, like, lt, or, sql } from 'drizzle-orm';
import { createHmac } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { loginFailure } from '../database/schema.ts';
import { networkOf } from './network.ts';

const MINUTE = 60 * 1000;

interface Rule {
  readonly allowed: number;
  /** Milliseconds until counting begins anew: after the last attempt that was let through, or the first. */
  readonly rest: number;
  readonly after: 'last' | 'first';
}

/** How many attempts are let through. */
export const LOGIN_LIMITS = {
  /** Of one account from one network. */
  accountFromNetwork: { allowed: 10, rest: 15 * MINUTE, after: 'last' },
  /** Of one account from a browser that its owner logged in with before. */
  accountFromBrowser: { allowed: 10, rest: 15 * MINUTE, after: 'last' },
  /** Of any accounts from one network, where somebody may always be typing. */
  network: { allowed: 100, rest: 15 * MINUTE, after: 'first' },
  /** Of one account from anywhere else (NIST SP 800-63B-4, 3.2.2). */
  account: { allowed: 100, rest: 24 * 60 * MINUTE, after: 'last' },
  /** Of one account's password, by somebody who is logged in to it. */
  confirmation: { allowed: 10, rest: 15 * MINUTE, after: 'last' },
} as const satisfies Readonly<Record<string, Rule>>;

type Limit = keyof typeof LOGIN_LIMITS;

export interface Attempt {
  /** The e-mail address that was typed; whether somebody has it makes no difference. */
  readonly email: string;
  /** The IP address it came from. */
  readonly address: string;
  /** The name of the browser, when it is known to be one of the account's owner. */
  readonly browser?: string | undefined;
}

/** Auth0's codes: one account was tried too often, or too many were from one network. */
export type TooMany = 'limit_wc' | 'limit_mu';

/**
 * Counts attempts before the password is looked at, so that any number at once cannot get more through.
 * A stranger who uses up an account's attempts does not lock out its owner: a browser that logged in
 * before has its own.
 */
export class LoginAttempts {
  readonly #db: Database;
  readonly #key: Uint8Array;

  constructor(db: Database, key: Uint8Array) {
    this.#db = db;
    this.#key = key;
  }

  /** Counts one more. Undefined: it may go on; otherwise the password must not be looked at. */
  async begin(attempt: Attempt): Promise<TooMany | undefined> {
    for (const [limit, key] of this.#countersOf(attempt)) {
      // One after the other: what a narrow limit refuses does not use up the wider ones.
      if (await this.#exceeds(limit, key)) return limit === 'network' ? 'limit_mu' : 'limit_wc';
    }
    return undefined;
  }

  /** The password was right: the account starts anew, and the network has one failure less. */
  async succeeded(attempt: Attempt): Promise<void> {
    const counters = this.#countersOf(attempt);
    const ofAccount = counters.flatMap(([limit, key]) => (limit === 'network' ? [] : [key]));
    await this.#db.delete(loginFailure).where(inArray(loginFailure.key, ofAccount));
    await this.#takeBack(counters.flatMap(([limit, key]) => (limit === 'network' ? [key] : [])));
  }

  /** The password was not looked at after all. */
  async notMade(attempt: Attempt): Promise<void> {
    await this.#takeBack(this.#countersOf(attempt).map(([, key]) => key));
  }

  /** The same as `begin`, for somebody who is logged in and has to repeat the password. */
  async beginConfirmation(userId: string): Promise<TooMany | undefined> {
    return (await this.#exceeds('confirmation', this.#keyOf('confirmation', userId)))
      ? 'limit_wc'
      : undefined;
  }

  async confirmed(userId: string): Promise<void> {
    await this.#db.delete(loginFailure).where(eq(loginFailure.key, this.#keyOf('confirmation', userId)));
  }

  /** Forgets all that was counted against an account, for administration. */
  async unlock({ id, email }: { readonly id: string; readonly email: string }): Promise<void> {
    const account = this.#hash(normalized(email));
    await this.#db
      .delete(loginFailure)
      .where(
        or(
          inArray(loginFailure.key, [`account:${account}`, this.#keyOf('confirmation', id)]),
          like(loginFailure.key, `accountFrom%:${account}:%`),
        ),
      );
  }

  /** Whether the account is closed to browsers that it does not know. */
  async isLocked(email: string): Promise<boolean> {
    const [row] = await this.#db
      .select({ count: loginFailure.count, allowed: loginFailure.allowed })
      .from(loginFailure)
      .where(
        and(
          eq(loginFailure.key, `account:${this.#hash(normalized(email))}`),
          gt(loginFailure.until, new Date()),
        ),
      );
    return row !== undefined && row.count >= row.allowed;
  }

  /** Deletes counts that are over. */
  async sweep(): Promise<void> {
    await this.#db.delete(loginFailure).where(lt(loginFailure.until, new Date()));
  }

  #countersOf({ email, address, browser }: Attempt): (readonly [Limit, string])[] {
    const account = normalized(email);
    if (browser !== undefined) {
      return [['accountFromBrowser', this.#keyOf('accountFromBrowser', account, browser)]];
    }
    const network = networkOf(address);
    return [
      ['accountFromNetwork', this.#keyOf('accountFromNetwork', account, network)],
      ['network', this.#keyOf('network', network)],
      ['account', this.#keyOf('account', account)],
    ];
  }

  /** One statement, right on any number of nodes. What is refused does not prolong the refusal. */
  async #exceeds(limit: Limit, key: string): Promise<boolean> {
    const { allowed, rest, after }: Rule = LOGIN_LIMITS[limit];
    const over = sql`${loginFailure.until} <= now()`;
    const anew = after === 'first' ? over : sql`(${over} OR ${loginFailure.count} < ${loginFailure.allowed})`;
    const [row] = await this.#db
      .insert(loginFailure)
      .values({ key, count: 1, allowed, until: sql`now() + make_interval(secs => ${rest / 1000})` })
      .onConflictDoUpdate({
        target: loginFailure.key,
        set: {
          count: sql`CASE WHEN ${over} THEN 1 ELSE least(${loginFailure.count} + 1, 1000000) END`,
          until: sql`CASE WHEN ${anew} THEN excluded.until ELSE ${loginFailure.until} END`,
          allowed: sql`excluded.allowed`,
        },
      })
      .returning({ count: loginFailure.count });
    return (row?.count ?? 1) > allowed;
  }

  async #takeBack(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#db
      .update(loginFailure)
      .set({ count: sql`${loginFailure.count} - 1` })
      .where(and(inArray(loginFailure.key, [...keys]), gt(loginFailure.count, 0)));
  }

  #keyOf(limit: Limit, ...what: readonly string[]): string {
    return [limit, ...what.map((one) => this.#hash(one))].join(':');
  }

  #hash(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }
}

function normalized(email: string): string {
  return email.trim().toLowerCase();
}
