import { StartRefused, type Log } from '@portcullis/service';
import { eq } from 'drizzle-orm';
import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Database } from '../database/database.ts';
import { auditEntry, logHead } from '../database/schema.ts';
import type { Checkpoint, CheckpointKey } from './checkpoint.ts';

export interface AuditAnchorOptions {
  readonly db: Database;
  readonly key: CheckpointKey;
  readonly log: Log;
  /** Undefined: the log alone tells of checkpoints, without a signature. */
  readonly file: string | undefined;
  /** Seconds. */
  readonly every: number;
}

/** Says outside the database, now and then, how far the audit has come: whoever cuts it off or rewrites it is found out. */
export class AuditAnchor {
  readonly #options: AuditAnchorOptions;
  #last: Checkpoint | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AuditAnchorOptions) {
    this.#options = options;
  }

  /** @throws StartRefused when the file cannot be written */
  async start(): Promise<void> {
    const { file, key, every } = this.#options;
    if (file !== undefined) this.#last = await key.read(lastLineOf(file));
    await this.#anchorQuietly();
    this.#timer = setInterval(() => void this.#anchorQuietly(), every * 1000).unref();
  }

  /** Says once more how far it has come. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#anchorQuietly();
  }

  /** Whether the entry of the last checkpoint is still what it was; true before there is one. */
  async stands(): Promise<boolean> {
    if (this.#last === undefined) return true;
    const [entry] = await this.#options.db
      .select({ hash: auditEntry.hash })
      .from(auditEntry)
      .where(eq(auditEntry.number, this.#last.number));
    return entry?.hash === this.#last.hash;
  }

  async #anchorQuietly(): Promise<void> {
    await this.#anchor().catch((error: unknown) =>
      this.#options.log.error({ err: error }, 'the audit could not be anchored'),
    );
  }

  async #anchor(): Promise<void> {
    const { db, key, log, file } = this.#options;
    if (!(await this.stands()))
      log.error(
        { number: this.#last?.number },
        'the audit is not what it was at its last checkpoint: run "identity audit verify"',
      );
    const [head] = await db.select().from(logHead);
    if (head === undefined || head.number === 0 || head.number === this.#last?.number) return;
    const checkpoint = { number: head.number, hash: head.hash, at: new Date().toISOString() };
    if (file !== undefined) appendFileSync(file, `${await key.sign(checkpoint)}\n`, { mode: 0o600 });
    // Not the JWS: nothing in a log may look like a token.
    log.info({ checkpoint }, 'audit checkpoint');
    this.#last = checkpoint;
  }
}

/** Longer than any checkpoint. */
const TAIL = 4096;

function lastLineOf(file: string): string {
  try {
    const opened = openSync(file, 'a+', 0o600);
    try {
      const tail = Buffer.alloc(TAIL);
      const { size } = fstatSync(opened);
      const read = readSync(opened, tail, 0, TAIL, Math.max(0, size - TAIL));
      return tail.toString('latin1', 0, read).trimEnd().split('\n').at(-1) ?? '';
    } finally {
      closeSync(opened);
    }
  } catch (cause) {
    throw new StartRefused(
      'AUDIT_ANCHOR_FILE: cannot be written. Name a file in a folder that is there, which this user may append to. ' +
        'Example: AUDIT_ANCHOR_FILE=/var/lib/portcullis-audit/anchor.jsonl',
      { cause },
    );
  }
}
