import type { Touch } from './change-page.ts';

/** Entries kept at most; more of them raise the floor, so that everybody looks again once. */
const MOST = 100_000;

/** The number of the last change that touched each subject, each client, and the two together. */
export class Touches {
  #floor: number;
  #size = 0;
  readonly #subjects = new Map<string, number>();
  readonly #clients = new Map<string, number>();
  readonly #pairs = new Map<string, Map<string, number>>();

  /** @param floor whoever was told at an earlier number looks again */
  constructor(floor: number) {
    this.#floor = floor;
  }

  add({ number, subject, client }: Touch): void {
    if (subject === null && client === null) this.#raise(number);
    else if (client === null) this.#set(this.#subjects, String(subject), number);
    else if (subject === null) this.#set(this.#clients, client, number);
    else {
      const ofSubject = this.#pairs.get(subject) ?? new Map<string, number>();
      this.#pairs.set(subject, ofSubject);
      this.#set(ofSubject, client, number);
    }
    if (this.#size > MOST) this.#raise(number);
  }

  /** The number of the last change that may have touched what this subject may do through this client. */
  lastOf(subject: string, client: string | undefined): number {
    const name = client ?? '';
    return Math.max(
      this.#floor,
      this.#subjects.get(subject) ?? 0,
      this.#clients.get(name) ?? 0,
      this.#pairs.get(subject)?.get(name) ?? 0,
    );
  }

  #set(map: Map<string, number>, key: string, number: number): void {
    const known = map.get(key);
    if (known === undefined) this.#size++;
    map.set(key, Math.max(known ?? 0, number));
  }

  /** What came before it is then said by the floor alone; a page's touches are in order. */
  #raise(number: number): void {
    this.#floor = Math.max(this.#floor, number);
    this.#size = 0;
    this.#subjects.clear();
    this.#clients.clear();
    this.#pairs.clear();
  }
}
