import { hash } from 'node:crypto';
import { DpopProofInvalid, ReplayUnknown } from '../errors.ts';
import type { ReplayStore } from './replay-store.ts';

/** Milliseconds that the store may take. */
const TIME_LIMIT = 1000;
/** Seconds. */
const RETRY_AFTER = 5;

/** Sees to it that a proof is used once (RFC 9449 11.1). */
export class UsedProofs {
  readonly #store: ReplayStore;

  constructor(store: ReplayStore) {
    this.#store = store;
  }

  /**
   * @param jkt the thumbprint of the key that signed the proof: what one client sends is no other's replay
   * @param acceptedUntil seconds since the epoch, after which no node accepts the proof any more
   * @throws DpopProofInvalid when the proof was used before
   * @throws ReplayUnknown when the store fails, takes longer than a second or answers something else
   */
  async use(jkt: string, jti: string, acceptedUntil: number): Promise<void> {
    const key = hash('sha256', `${jkt}.${jti}`, 'base64url');
    // The store learns of the proof after its time was judged, by its own time limit at most.
    const isNew: unknown = await this.#answer(key, Math.ceil(acceptedUntil + TIME_LIMIT / 1000));
    if (isNew === false) throw new DpopProofInvalid('was used before');
    if (isNew !== true) throw unknown(new TypeError('the replay store answered neither true nor false'));
  }

  async #answer(key: string, expiresAt: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = this.#store.remember(key, expiresAt);
      if (typeof answer === 'boolean') return answer;
      const limit = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('the replay store did not answer in time')), TIME_LIMIT);
      });
      return await Promise.race([answer, limit]);
    } catch (cause) {
      throw unknown(cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

function unknown(cause: unknown): ReplayUnknown {
  return new ReplayUnknown('whether the DPoP proof was used before cannot be told now', RETRY_AFTER, {
    cause,
    hint: 'look at the store given as "dpop.replayStore"',
  });
}
