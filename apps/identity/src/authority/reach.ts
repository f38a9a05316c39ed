import type { HeldPermission } from './held-permissions.ts';
import { BeyondReach } from './refused-change.ts';

/** All that somebody could do by themselves: no change that they make may come to more. */
export class Reach {
  /** Of whoever has the database in their hands, such as the terminal. */
  static readonly everything = new Reach([], 'every');

  readonly #ids: ReadonlySet<string>;
  readonly #beyondThose: 'none' | 'every api' | 'every';

  /** @param beyondThose what else: nothing, every permission of an API that is not ours, or every permission */
  constructor(held: readonly HeldPermission[], beyondThose: 'none' | 'every api' | 'every' = 'none') {
    this.#ids = new Set(held.map(({ id }) => id));
    this.#beyondThose = beyondThose;
  }

  covers({ id, ofSystem }: Pick<HeldPermission, 'id' | 'ofSystem'>): boolean {
    if (this.#beyondThose === 'every' || this.#ids.has(id)) return true;
    return this.#beyondThose === 'every api' && !ofSystem;
  }

  /** @throws BeyondReach when one of these would be given away by somebody who does not have it */
  assertGives(permissions: readonly HeldPermission[]): void {
    const missing = this.#beyond(permissions);
    if (missing.length > 0)
      throw new BeyondReach(`You cannot give away what you do not hold: ${missing.join(', ')}`);
  }

  /** @throws BeyondReach when what is to be changed holds more than the one who changes it */
  assertChanges(what: 'user' | 'role' | 'client' | 'API', itsPermissions: readonly HeldPermission[]): void {
    const missing = this.#beyond(itsPermissions);
    if (missing.length > 0)
      throw new BeyondReach(`This ${what} has permissions that you do not hold: ${missing.join(', ')}`);
  }

  #beyond(permissions: readonly HeldPermission[]): string[] {
    return [...new Set(permissions.filter((one) => !this.covers(one)).map(({ name }) => name))];
  }
}
