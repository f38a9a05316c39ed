import { networkOf } from './network.ts';

const MINUTE = 60_000;
/** Addresses that are remembered; the ones unused for longest are forgotten beyond that. */
const MAX_ADDRESSES = 10_000;

interface Account {
  left: number;
  at: number;
}

/** What each address, or each network of IPv6, may cause: so much a minute, refilled evenly, all of it available at once. */
export class AddressBudget {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();

  /** @param now milliseconds from any origin */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** @returns 0 and takes one; or, when none is left, the seconds until one is */
  take(address: string): number {
    const account = this.#account(networkOf(address));
    if (account.left < 1)
      return Math.max(1, Math.ceil(((1 - account.left) * MINUTE) / this.#perMinute / 1000));
    account.left--;
    return 0;
  }

  #account(network: string): Account {
    const now = this.#now();
    const known = this.#accounts.get(network);
    const earned = known === undefined ? this.#perMinute : ((now - known.at) / MINUTE) * this.#perMinute;
    const account = { left: Math.min((known?.left ?? 0) + earned, this.#perMinute), at: now };
    // The one unused for longest stands first; it has earned most of its budget back.
    this.#accounts.delete(network);
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size >= MAX_ADDRESSES && oldest !== undefined) this.#accounts.delete(oldest);
    this.#accounts.set(network, account);
    return account;
  }
}
