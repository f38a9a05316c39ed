import { networkOf } from './network.ts';

const MINUTE = 60_000;
/** Addresses that are remembered; the ones unused for longest are forgotten beyond that. */
const MAX_ADDRESSES = 10_000;

interface Account {
  readonly left: number;
  readonly at: number;
}

/** How much each address, or each network of IPv6, may have cost: so much a minute, refilled evenly, all of it available at once. */
export class AddressBudget {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();

  /** @param now milliseconds from any origin */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Seconds until the address has something left; 0 when it has. */
  wait(address: string): number {
    const left = this.#left(networkOf(address));
    return left >= 1 ? 0 : Math.max(1, Math.ceil(((1 - left) * MINUTE) / this.#perMinute / 1000));
  }

  charge(address: string): void {
    const network = networkOf(address);
    const account = { left: this.#left(network) - 1, at: this.#now() };
    this.#accounts.delete(network);
    // The one charged longest ago stands first; it has earned most of its budget back.
    const [oldest] = this.#accounts.keys();
    if (this.#accounts.size >= MAX_ADDRESSES && oldest !== undefined) this.#accounts.delete(oldest);
    this.#accounts.set(network, account);
  }

  #left(network: string): number {
    const account = this.#accounts.get(network);
    if (account === undefined) return this.#perMinute;
    const earned = ((this.#now() - account.at) / MINUTE) * this.#perMinute;
    return Math.min(account.left + earned, this.#perMinute);
  }
}
