import type { Revocation, RevocationNews } from '@portcullis/tokens';
import type { ChangePage, Denial } from './change-page.ts';
import type { ChangePosition } from './change-position.ts';

/** Seconds that a denial is kept beyond the tokens it covers: the longest clock tolerance there is. */
const LONGEST_TOLERANCE = 60;

/** Numbers of two logs say nothing of each other. */
const OF_ANOTHER_LOG = -1;

interface Noted {
  readonly number: number;
  readonly revocation: Revocation;
}

/**
 * The denials that were read, for a deny-list to follow. Never dropped before their time, not even when the log begins
 * anew: a backup that was restored must not bring back what had been denied.
 */
export class Denials {
  readonly #issuer: string;
  #noted: readonly Noted[] = [];
  #position: ChangePosition | undefined;
  /** Up to there the log was skipped: a reader that has less gets all. */
  #snapshotAt = 0;

  constructor(issuer: string) {
    this.#issuer = issuer;
  }

  take({ incarnation, number, snapshot, denials }: ChangePage): void {
    const now = Date.now() / 1000;
    const kept = snapshot ? this.#ofOtherLogs(incarnation) : this.#noted;
    this.#noted = [...kept, ...denials.map((denial) => this.#note(denial))].filter(
      ({ revocation }) => revocation.expiresAt + LONGEST_TOLERANCE >= now,
    );
    this.#position = { incarnation, number };
    if (snapshot) this.#snapshotAt = number;
  }

  /** @throws Error before anything was read */
  newsAfter(after: ChangePosition | undefined): RevocationNews {
    if (this.#position === undefined) throw new Error('the change feed was not read yet');
    const known =
      after?.incarnation === this.#position.incarnation && after.number >= this.#snapshotAt
        ? after.number
        : undefined;
    const revocations = this.#noted.flatMap(({ number, revocation }) =>
      known === undefined || number > known ? [revocation] : [],
    );
    return { position: this.#position, snapshot: known === undefined, revocations };
  }

  /** What a snapshot does not say again. */
  #ofOtherLogs(incarnation: string): readonly Noted[] {
    if (incarnation === this.#position?.incarnation)
      return this.#noted.filter(({ number }) => number === OF_ANOTHER_LOG);
    return this.#noted.map(({ revocation }) => ({ number: OF_ANOTHER_LOG, revocation }));
  }

  #note({ number, by, value, issuedUntil, expiresAt }: Denial): Noted {
    const until = issuedUntil === null ? {} : { issuedUntil };
    return { number, revocation: { issuer: this.#issuer, by, value, ...until, expiresAt } };
  }
}
