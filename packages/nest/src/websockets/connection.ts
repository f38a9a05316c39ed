import type { Refusal, Standing } from '@portcullis/http';
import type { GuardedHandler } from '../gate.ts';
import type { Wire } from './wire.ts';

/** Messages that may wait for the credential of their connection to be judged. */
const MOST_WAITING = 16;

/** One client and who it is. */
export class Connection {
  readonly client: object;
  readonly wire: Wire;
  readonly remoteAddress: string | undefined;
  /** By the monotonic clock, when its credential must have come. */
  readonly deadline: number;
  /** What it was let into, to be decided anew when there is news. */
  readonly admitted = new Set<GuardedHandler>();
  /** Undefined as long as nobody knows who it is. */
  standing: Standing | undefined;
  /** Whether it hears of credentials that come later. */
  listens = false;
  #closed = false;
  #judging: Promise<void> | undefined;
  #waiting = 0;
  #opened = false;
  readonly #whenOpen: (() => void)[] = [];

  constructor(parts: Pick<Connection, 'client' | 'wire' | 'remoteAddress' | 'deadline' | 'standing'>) {
    this.client = parts.client;
    this.wire = parts.wire;
    this.remoteAddress = parts.remoteAddress;
    this.deadline = parts.deadline;
    this.standing = parts.standing;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get judging(): boolean {
    return this.#judging !== undefined;
  }

  /** Has every later message wait until `judge` has ended. */
  judgeWith(judge: () => Promise<void>): Promise<void> {
    this.#judging = judge().finally(() => (this.#judging = undefined));
    return this.#judging;
  }

  /** @returns false when too many wait already */
  async judged(): Promise<boolean> {
    if (this.#judging === undefined) return true;
    if (this.#waiting >= MOST_WAITING) return false;
    this.#waiting++;
    await this.#judging.finally(() => this.#waiting--);
    return true;
  }

  /** Nest's gateways meet it only then. */
  whenOpen(meet: () => void): void {
    if (this.#opened) meet();
    else this.#whenOpen.push(meet);
  }

  open(): void {
    this.#opened = true;
    for (const meet of this.#whenOpen.splice(0)) meet();
  }

  /** Says why, then closes: 4000 and the status that HTTP would have, 1013 for one that may be tried again. */
  refuse({ status, problem }: Refusal): void {
    if (this.#closed) return;
    this.leave();
    this.wire.send('exception', { ...problem });
    this.wire.close(status === 503 ? 1013 : 4000 + status, problem.detail);
  }

  leave(): void {
    this.#closed = true;
  }
}
