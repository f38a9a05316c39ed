import type { Authentication } from '../authentication.ts';
import type { Revocation, RevokedBy } from './revocation.ts';

/** Seconds that an entry outlives the tokens it covers: the longest clock tolerance there is. */
const LONGEST_TOLERANCE = 60;

type Cutoff = Pick<Revocation, 'issuedUntil' | 'expiresAt'>;
type OneIssuer = Readonly<Record<RevokedBy, Map<string, Cutoff>>>;

/** The revocations in force, by issuer and by what they name. */
export class Replica {
  readonly #issuers = new Map<string, OneIssuer>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Of two that name the same, what either denies stays denied. */
  add({ issuer, by, value, issuedUntil, expiresAt }: Revocation): void {
    const entries = this.#of(issuer)[by];
    const known = entries.get(value);
    if (known === undefined) this.#size++;
    entries.set(value, {
      ...laterCutoff(known, issuedUntil),
      expiresAt: Math.max(known?.expiresAt ?? 0, expiresAt),
    });
  }

  /** @param kid of the key that the token was verified with */
  denies(authentication: Authentication, clockTolerance: number, kid: string | undefined): boolean {
    const entries = this.#issuers.get(authentication.issuer);
    if (entries === undefined) return false;
    const { tokenId, session, grant, subject, client, issuedAt } = authentication;
    return (
      covers(entries.token, tokenId, issuedAt, clockTolerance) ||
      covers(entries.session, session, issuedAt, clockTolerance) ||
      covers(entries.grant, grant, issuedAt, clockTolerance) ||
      covers(entries.subject, subject, issuedAt, clockTolerance) ||
      covers(entries.client, client, issuedAt, clockTolerance) ||
      covers(entries.key, kid, issuedAt, clockTolerance)
    );
  }

  /** @param now seconds since the epoch */
  sweep(now: number): void {
    for (const entries of this.#issuers.values()) {
      for (const map of Object.values(entries)) {
        for (const [value, { expiresAt }] of map) {
          if (now <= expiresAt + LONGEST_TOLERANCE) continue;
          map.delete(value);
          this.#size--;
        }
      }
    }
  }

  #of(issuer: string): OneIssuer {
    const known = this.#issuers.get(issuer);
    if (known !== undefined) return known;
    const entries: OneIssuer = {
      token: new Map(),
      session: new Map(),
      grant: new Map(),
      subject: new Map(),
      client: new Map(),
      key: new Map(),
    };
    this.#issuers.set(issuer, entries);
    return entries;
  }
}

function laterCutoff(known: Cutoff | undefined, issuedUntil: number | undefined): { issuedUntil?: number } {
  if (issuedUntil === undefined || (known !== undefined && known.issuedUntil === undefined)) return {};
  return { issuedUntil: Math.max(known?.issuedUntil ?? issuedUntil, issuedUntil) };
}

/** A token that does not say when it was issued may have been issued before any cut-off. */
function covers(
  entries: ReadonlyMap<string, Cutoff>,
  value: string | undefined,
  issuedAt: number | undefined,
  clockTolerance: number,
): boolean {
  const cutoff = value === undefined || entries.size === 0 ? undefined : entries.get(value);
  if (cutoff === undefined) return false;
  const { issuedUntil } = cutoff;
  return issuedUntil === undefined || issuedAt === undefined || issuedAt <= issuedUntil + clockTolerance;
}
