import { StartRefused, type Log } from '@portcullis/service';
import { eq, max } from 'drizzle-orm';
import { createLocalJWKSet, type JWK, type JWTVerifyGetKey } from 'jose';
import { SYSTEM, type Actor } from '../changes/actor.ts';
import type { ChangeLog, RecordChange } from '../changes/change-log.ts';
import type { Database } from '../database/database.ts';
import { resourceServer, signingKey } from '../database/schema.ts';
import { KeySchedule, type KeyRow, type KeyState } from './key-schedule.ts';
import {
  generateSigningKey,
  publicKey,
  seal,
  unseal,
  type SealedKey,
  type SigningKey,
} from './signing-key.ts';

export interface KeyRingOptions {
  readonly db: Database;
  readonly changes: ChangeLog;
  readonly log: Log;
  readonly encryptionKey: Uint8Array;
  /** Of the secret before this one: what it sealed is sealed anew. */
  readonly formerEncryptionKey?: Uint8Array | undefined;
  /** Seconds that a key signs before the next one follows by itself. */
  readonly rotation: number;
  /** Seconds that a key is published before it signs: as long as anybody may keep a key set without asking. */
  readonly lead: number;
  /** Seconds that a token or ID token lives at most, where no API says more. */
  readonly longestToken: number;
}

/** A signing key without its private part, and what it is for now. */
export type KnownKey = Omit<KeyRow, 'privateJwe'> & { readonly state: KeyState };

const MINUTE = 60 * 1000;
/** Seconds. An ID token tells the provider who logs out long after it has expired (RP-Initiated Logout 1.0, 2). */
const HINTED_FOR = 24 * 60 * 60;
/** Seconds: clocks differ, and whoever holds a key set asks a little late. */
const MARGIN = 60 * 60;
/** The longest delay that a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The keys that tokens are signed with. One signs, the next is published already, and former ones stay published until
 * the last token they signed has expired. All of it stands in the database: every node follows within a second of a
 * change, and no node is restarted for it.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #unsealed = new Map<string, SigningKey>();
  readonly #listeners = new Set<() => void>();
  #published: readonly SigningKey[] = [];
  #publicKeys: { readonly keys: JWK[] } = { keys: [] };
  #keySet: JWTVerifyGetKey = createLocalJWKSet({ keys: [] });
  #keep: number;
  #turn: NodeJS.Timeout | undefined;
  #reading: Promise<void> = Promise.resolve();

  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#keep = this.#keepFor(0);
  }

  /**
   * Reads the keys, makes those that are missing, and seals anew what the former secret sealed.
   *
   * @throws StartRefused when neither secret opens a key that is still in use
   */
  async open(): Promise<void> {
    const { db, encryptionKey } = this.#options;
    for (const row of new KeySchedule(await rows(db)).published(this.#keep)) {
      const key = await this.#unseal(row);
      if (key === undefined) throw otherSecret();
      if ((await unseal(row, encryptionKey)) === undefined) {
        const privateJwe = await seal(key, encryptionKey);
        await db.update(signingKey).set({ privateJwe }).where(eq(signingKey.kid, row.kid));
      }
    }
    await this.tend();
    if (this.#published.length === 0) await this.#read();
  }

  /** Follows the database and the clock. Returns what ends it. */
  follow(): () => void {
    const stopListening = this.#options.changes.onNews(() => this.#refresh());
    const timer = setInterval(() => void this.#tendQuietly(), MINUTE).unref();
    return () => {
      clearInterval(timer);
      clearTimeout(this.#turn);
      stopListening();
    };
  }

  /** The published ones, the one that signs first. A private part that no secret of ours opens is missing. */
  get published(): readonly SigningKey[] {
    return this.#published;
  }

  /** What the world may see of them; the same object until something changes. */
  get publicKeys(): { readonly keys: JWK[] } {
    return this.#publicKeys;
  }

  /** Finds the key that a token of ours was signed with, for `jwtVerify`; a revoked one is not found. */
  readonly find: JWTVerifyGetKey = (header, token) => this.#keySet(header, token);

  /** Calls the listener when others are published, or another one signs. Returns what ends it. */
  onChange(listener: () => void): () => void {
    const added = (): void => listener();
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  /** Every key that is known still, the newest first. */
  async all(): Promise<KnownKey[]> {
    const schedule = new KeySchedule(await rows(this.#options.db));
    return schedule.rows
      .map((row) => ({
        kid: row.kid,
        publicJwk: row.publicJwk,
        createdAt: row.createdAt,
        signsFrom: row.signsFrom,
        retiredAt: row.retiredAt,
        revokedAt: row.revokedAt,
        state: schedule.stateOf(row),
      }))
      .toReversed();
  }

  /**
   * Appoints the next key: it signs from now on, or from when it will have been published for long enough. A key that
   * is appointed already stays so. Returns its id.
   */
  async rotate(actor: Actor): Promise<string> {
    const { changes, encryptionKey } = this.#options;
    const fresh = await twoKeys(encryptionKey);
    const kid = await changes.write(actor, async (tx, record) => {
      const schedule = new KeySchedule(await rows(tx));
      return this.#appoint({ tx, record, schedule, fresh });
    });
    await this.#read();
    return kid;
  }

  /**
   * Withdraws a key at once, whatever it signed: for one that others may have. If it was the one that signs, the next
   * does now. False when there is no such key.
   */
  async revoke(actor: Actor, kid: string): Promise<boolean> {
    const { changes, encryptionKey } = this.#options;
    const fresh = await twoKeys(encryptionKey);
    const found = await changes.write(actor, async (tx, record) => {
      const before = new KeySchedule(await rows(tx));
      const row = before.rows.find((one) => one.kid === kid);
      if (row === undefined || row.revokedAt !== null) return row !== undefined;
      const now = new Date();
      await tx
        .update(signingKey)
        .set({ revokedAt: now, retiredAt: row.retiredAt ?? now })
        .where(eq(signingKey.kid, kid));
      // Whoever was to follow is not to: it signs until another one does.
      if (before.current && before.next?.kid === kid)
        await tx.update(signingKey).set({ retiredAt: null }).where(eq(signingKey.kid, before.current.kid));
      await record({
        action: 'key.revoke',
        target: { kind: 'key', id: kid },
        before: { state: before.stateOf(row) },
        denies: [{ by: 'key', value: kid }],
      });
      await this.#complete({ tx, record, schedule: new KeySchedule(await rows(tx)), fresh });
      return true;
    });
    await this.#read();
    return found;
  }

  /** What the clock asks for: keys that are missing, a rotation that is due, the end of keys that are over. */
  async tend(): Promise<void> {
    const { db, changes, encryptionKey } = this.#options;
    const [longest] = await db.select({ lifetime: max(resourceServer.tokenLifetime) }).from(resourceServer);
    this.#keep = this.#keepFor(longest?.lifetime ?? 0);
    if (!this.#isDue(new KeySchedule(await rows(db)))) return this.#read();
    const fresh = await twoKeys(encryptionKey);
    await changes.write(SYSTEM, async (tx, record) => {
      const before = new KeySchedule(await rows(tx));
      await this.#complete({ tx, record, schedule: before, fresh });
      const schedule = new KeySchedule(await rows(tx));
      if (this.#isRotationDue(schedule)) await this.#appoint({ tx, record, schedule, fresh });
      for (const row of schedule.rows.filter((one) => schedule.isOver(one, this.#keep))) {
        await tx.delete(signingKey).where(eq(signingKey.kid, row.kid));
        await record({ action: 'key.delete', target: { kind: 'key', id: row.kid } });
      }
    });
    await this.#read();
  }

  #isDue(schedule: KeySchedule): boolean {
    return (
      schedule.current === undefined ||
      schedule.next === undefined ||
      this.#isRotationDue(schedule) ||
      schedule.rows.some((row) => schedule.isOver(row, this.#keep))
    );
  }

  #isRotationDue({ current, next }: KeySchedule): boolean {
    const since = current?.signsFrom?.getTime();
    return (
      since !== undefined && next?.signsFrom === null && since + this.#options.rotation * 1000 <= Date.now()
    );
  }

  /** The next key takes its turn, and another one waits after it. */
  async #appoint({ tx, record, schedule, fresh }: Rotation): Promise<string> {
    const { current } = schedule;
    const next = schedule.next ?? (await addKey({ tx, record, fresh }, null));
    if (next.signsFrom !== null) return next.kid;
    const ready = next.createdAt.getTime() + this.#options.lead * 1000;
    const signsFrom = new Date(Math.max(Date.now(), ready));
    await tx.update(signingKey).set({ signsFrom }).where(eq(signingKey.kid, next.kid));
    if (current)
      await tx.update(signingKey).set({ retiredAt: signsFrom }).where(eq(signingKey.kid, current.kid));
    await record({
      action: 'key.rotate',
      target: { kind: 'key', id: next.kid },
      before: { current: current?.kid },
      after: { current: next.kid, from: signsFrom.toISOString() },
    });
    await addKey({ tx, record, fresh }, null);
    return next.kid;
  }

  /** One that signs and one that waits, made where they are missing. */
  async #complete({ tx, record, schedule, fresh }: Rotation): Promise<void> {
    let { next } = schedule;
    if (schedule.current === undefined) {
      const now = new Date();
      if (next) await tx.update(signingKey).set({ signsFrom: now }).where(eq(signingKey.kid, next.kid));
      const first = next ?? (await addKey({ tx, record, fresh }, now));
      await record({
        action: 'key.rotate',
        target: { kind: 'key', id: first.kid },
        after: { current: first.kid, from: now.toISOString() },
      });
      next = undefined;
    }
    if (next === undefined) await addKey({ tx, record, fresh }, null);
  }

  /** One after the other: an older answer must not replace a newer one. */
  #read(): Promise<void> {
    const reading = this.#reading.then(() => this.#readOnce());
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  async #readOnce(): Promise<void> {
    const schedule = new KeySchedule(await rows(this.#options.db));
    const published = schedule.published(this.#keep);
    const keys = await Promise.all(
      published.map(async (row) => (await this.#unseal(row)) ?? { ...row.publicJwk, kid: row.kid }),
    );
    this.#waitFor(schedule.untilTurn);
    const signers = keys.filter(({ d }) => d !== undefined);
    const signer = signers.find(({ kid }) => kid === schedule.current?.kid) ?? signers[0];
    // Without one, nothing is signed any more; a revoked key must not stay in use for want of another.
    this.#exchange(signer === undefined ? keys : [signer, ...keys.filter((key) => key !== signer)]);
    if (signer === undefined) throw otherSecret();
  }

  #exchange(keys: readonly SigningKey[]): void {
    const ids = (of: readonly SigningKey[]): string => of.map(({ kid }) => kid).join();
    if (ids(keys) === ids(this.#published)) return;
    this.#published = keys;
    this.#publicKeys = { keys: keys.map(publicKey) };
    this.#keySet = createLocalJWKSet(this.#publicKeys);
    for (const listener of this.#listeners) listener();
  }

  #waitFor(delay: number | undefined): void {
    clearTimeout(this.#turn);
    if (delay === undefined) return;
    // A timer may fire a little early, and would then find that nothing has changed.
    this.#turn = setTimeout(() => this.#refresh(), Math.min(Math.max(delay, 0) + 10, LONGEST_TIMER)).unref();
  }

  /** Another node may have sealed it with a secret that this one does not have yet. */
  async #unseal(row: SealedKey): Promise<SigningKey | undefined> {
    const known = this.#unsealed.get(row.kid);
    if (known !== undefined) return known;
    const { encryptionKey, formerEncryptionKey } = this.#options;
    const key =
      (await unseal(row, encryptionKey)) ??
      (formerEncryptionKey === undefined ? undefined : await unseal(row, formerEncryptionKey));
    if (key !== undefined) this.#unsealed.set(row.kid, key);
    return key;
  }

  #refresh(): void {
    this.#read().catch((error: unknown) => this.#failed(error));
  }

  async #tendQuietly(): Promise<void> {
    await this.tend().catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.#options.log.error({ err: error }, 'the signing keys could not be read; those known stay in use');
  }

  #keepFor(lifetime: number): number {
    return (Math.max(lifetime, this.#options.longestToken, HINTED_FOR) + MARGIN) * 1000;
  }
}

interface Rotation {
  readonly tx: Database;
  readonly record: RecordChange;
  readonly schedule: KeySchedule;
  /** Made before, to be taken from its end. */
  readonly fresh: SealedKey[];
}

/** In the order in which they were made. */
function rows(db: Database): Promise<KeyRow[]> {
  return db.select().from(signingKey).orderBy(signingKey.createdAt);
}

/** As many as one change can need: one that signs and one that waits. */
function twoKeys(encryptionKey: Uint8Array): Promise<SealedKey[]> {
  return Promise.all([generateSigningKey(encryptionKey), generateSigningKey(encryptionKey)]);
}

async function addKey(
  { tx, record, fresh }: Omit<Rotation, 'schedule'>,
  signsFrom: Date | null,
): Promise<KeyRow> {
  const sealed = fresh.pop();
  if (sealed === undefined) throw new Error('more keys are missing than were made');
  const [row] = await tx
    .insert(signingKey)
    .values({ ...sealed, createdAt: new Date(), signsFrom })
    .returning();
  if (row === undefined) throw new Error('the new key was not stored');
  await record({ action: 'key.create', target: { kind: 'key', id: row.kid } });
  return row;
}

function otherSecret(): StartRefused {
  return new StartRefused(
    'KEY_ENCRYPTION_SECRET is not the one that encrypted the signing keys in this database. Set that one, ' +
      'or name it as KEY_ENCRYPTION_SECRET_FORMER beside the new one; or start with an empty DATA_DIR.',
  );
}
