import type { KnownBrowser } from './known-browser.ts';
import type { LoginAttempts } from './login-attempts.ts';
import type { LoginLog } from './login-log.ts';
import { Overloaded } from './turnstile.ts';
import type { User, UserStore } from './user-store.ts';

export interface TypedCredentials {
  readonly email: string;
  readonly password: string;
}

/** Where an attempt comes from. */
export interface Origin {
  readonly client: string;
  readonly address: string;
  readonly cookieHeader: string | undefined;
}

export type LoginResult =
  | { readonly user: User; readonly browserCookie: string }
  /** `wrong`: the address or the password. `later`: neither was looked at. */
  | { readonly refused: 'wrong' | 'later' };

/**
 * Login with a password: counted, logged, and the same answer after the same work whether somebody has
 * the address or not.
 */
export class PasswordLogin {
  readonly #users: UserStore;
  readonly #attempts: LoginAttempts;
  readonly #browsers: KnownBrowser;
  readonly #log: LoginLog;

  constructor(parts: {
    readonly users: UserStore;
    readonly attempts: LoginAttempts;
    readonly browsers: KnownBrowser;
    readonly log: LoginLog;
  }) {
    this.#users = parts.users;
    this.#attempts = parts.attempts;
    this.#browsers = parts.browsers;
    this.#log = parts.log;
  }

  /** @throws Overloaded when too many log in at this moment */
  async attempt({ email, password }: TypedCredentials, origin: Origin): Promise<LoginResult> {
    const { client, address } = origin;
    const browser = this.#browsers.nameFrom(origin.cookieHeader, email);
    const attempt = { email, address, browser };
    const tooMany = await this.#attempts.begin(attempt);
    if (tooMany) {
      this.#log.failed({ type: tooMany, client, address });
      return { refused: 'later' };
    }
    const verdict = await this.#users.authenticate(email, password).catch(async (error: unknown) => {
      if (error instanceof Overloaded) await this.#attempts.notMade(attempt);
      throw error;
    });
    if (!('user' in verdict)) {
      this.#log.failed({ type: verdict.code, client, user: verdict.userId, address });
      return { refused: 'wrong' };
    }
    await this.#attempts.succeeded(attempt);
    return { user: verdict.user, browserCookie: this.#browsers.cookieFor(email, browser) };
  }

  /** To be called once nothing more is asked of the person. */
  async completed(user: User, { client, address }: Origin): Promise<void> {
    await this.#users.loggedIn(user.id);
    this.#log.succeeded({ type: 's', client, user: user.id, address });
  }

  /** Whether somebody who is logged in knows the password; `later` after too many that were wrong. */
  async confirm(user: User, password: string, origin: Origin): Promise<'right' | 'wrong' | 'later'> {
    const facts = { client: origin.client, user: user.id, address: origin.address };
    const tooMany = await this.#attempts.beginConfirmation(user.id);
    if (tooMany) {
      this.#log.failed({ type: tooMany, ...facts });
      return 'later';
    }
    const verdict = await this.#users.authenticate(user.email, password);
    if (!('user' in verdict)) {
      this.#log.failed({ type: verdict.code, ...facts });
      return 'wrong';
    }
    await this.#attempts.confirmed(user.id);
    return 'right';
  }
}
