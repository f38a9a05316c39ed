import type { Outcome } from './authenticator.ts';
import type { Caller } from './caller.ts';
import type { Refusal } from './refusal.ts';

/** What a standing asks its authenticator. */
interface Reconsideration {
  /** Expiry and revocation; throws what it cannot vouch for. */
  readonly recheck: () => void | Promise<void>;
  /** The Caller with the permissions of now. */
  readonly renew: () => Outcome | Promise<Outcome>;
  readonly refusal: (error: unknown) => Refusal;
}

/** Somebody who was let in once and is still there. Holds no token where a connection could be asked for it. */
export class Standing {
  readonly #reconsideration: Reconsideration;
  #caller: Caller;

  constructor(caller: Caller, reconsideration: Reconsideration) {
    this.#caller = caller;
    this.#reconsideration = reconsideration;
  }

  /** As of the last time it was asked about. */
  get caller(): Caller {
    return this.#caller;
  }

  /** Whether the credential holds: not expired, not revoked. At once where nothing has to be waited for. */
  refusal(): Refusal | undefined | Promise<Refusal | undefined> {
    const { recheck, refusal } = this.#reconsideration;
    try {
      const waiting = recheck();
      return waiting instanceof Promise ? waiting.then(() => undefined, refusal) : undefined;
    } catch (error) {
      return refusal(error);
    }
  }

  /** The Caller as of now, with the permissions of now, or why there is none any more. */
  renewed(): Outcome | Promise<Outcome> {
    const refusal = this.refusal();
    if (refusal instanceof Promise) return refusal.then((known) => known ?? this.#renew());
    return refusal ?? this.#renew();
  }

  #renew(): Outcome | Promise<Outcome> {
    try {
      const outcome = this.#reconsideration.renew();
      return outcome instanceof Promise ? outcome.then((known) => this.#keep(known)) : this.#keep(outcome);
    } catch (error) {
      return this.#reconsideration.refusal(error);
    }
  }

  #keep(outcome: Outcome): Outcome {
    if (outcome !== undefined && 'permissions' in outcome) this.#caller = outcome;
    return outcome;
  }
}
