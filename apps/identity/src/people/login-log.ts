import type { Log } from '@portcullis/service';

const MINUTE = 60 * 1000;
/** Lines a minute; an attack must not fill the disk. */
const LINES = 60;

export interface LoginFacts {
  /** Auth0's log code. */
  readonly type: string;
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly address: string;
}

/** Every failed login is counted; of many at once the first are written one by one, the rest as numbers. */
export class LoginLog {
  readonly #log: Log;
  #began = 0;
  #lines = 0;
  #left = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  failed(facts: LoginFacts): void {
    if (Date.now() - this.#began >= MINUTE) this.#startMinute();
    if (this.#lines < LINES) {
      this.#lines += 1;
      this.#log.warn(facts, 'login failed');
      return;
    }
    this.#left.set(facts.type, (this.#left.get(facts.type) ?? 0) + 1);
  }

  succeeded(facts: LoginFacts): void {
    this.#log.info(facts, 'login succeeded');
  }

  /** Writes what was only counted so far. */
  flush(): void {
    if (this.#left.size === 0) return;
    this.#log.warn({ counted: Object.fromEntries(this.#left) }, 'more logins failed');
    this.#left = new Map();
  }

  #startMinute(): void {
    this.flush();
    this.#began = Date.now();
    this.#lines = 0;
  }
}
