import { and, eq } from 'drizzle-orm';
import type { Actor } from '../changes/actor.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import { user } from '../database/schema.ts';
import type { EndUserOptions, Ongoing, Revocations } from '../revocation/revocations.ts';
import { hashPassword } from './password.ts';
import { passwordLength, passwordObjection, shortestPassword } from './password-policy.ts';
import type { User, UserStore } from './user-store.ts';

/** A new password for somebody who has an account, and the end of what was started with the former. */
export class PasswordChange {
  readonly #users: UserStore;
  readonly #changes: ChangeLog;
  readonly #revocations: Revocations;

  constructor(users: UserStore, changes: ChangeLog, revocations: Revocations) {
    this.#users = users;
    this.#changes = changes;
    this.#revocations = revocations;
  }

  /** What speaks against the password for this account, as a sentence; undefined when nothing does. */
  async objection(account: User, password: string): Promise<string | undefined> {
    const administers = await this.#users.administers(account.id);
    const objection = passwordObjection(password, { ...account, administers });
    return objection && `The new password ${objection}.`;
  }

  /** Whether the password was long enough when it was chosen, but is not for what the account may do now. */
  async isTooShort(account: User, password: string): Promise<boolean> {
    return (
      passwordLength(password) < shortestPassword({ administers: await this.#users.administers(account.id) })
    );
  }

  /**
   * Sets it and ends every session and grant but those of `exceptSession`.
   *
   * @returns false when the password was changed by somebody else since `account` was read
   * @throws Overloaded
   */
  async change(
    actor: Actor,
    account: User,
    password: string,
    options: EndUserOptions = {},
  ): Promise<boolean> {
    const passwordHash = await hashPassword(password);
    return this.#changes.write(actor, async (tx, record) => {
      const unchanged = and(eq(user.id, account.id), eq(user.passwordHash, account.passwordHash));
      const changed = await tx
        .update(user)
        .set({ passwordHash, passwordChangedAt: new Date() })
        .where(unchanged)
        .returning({ id: user.id });
      if (changed.length === 0) return false;
      await this.changed({ tx, record }, account.id, options);
      return true;
    });
  }

  /** For a write that set the password itself: the audit entry and the ending. */
  async changed(ongoing: Ongoing, userId: string, options: EndUserOptions = {}): Promise<void> {
    await ongoing.record({ action: 'user.password.change', target: { kind: 'user', id: userId } });
    await this.#revocations.userEnded(ongoing, userId, options);
  }
}
