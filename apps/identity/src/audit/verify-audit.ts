import { gt } from 'drizzle-orm';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Database } from '../database/database.ts';
import { auditEntry, logHead } from '../database/schema.ts';
import type { Checkpoint, CheckpointKey } from './checkpoint.ts';
import { BEFORE_THE_FIRST, entryHash } from './entry-hash.ts';

export interface AuditReport {
  readonly entries: number;
  /** When the last one was written; undefined of an empty log. */
  readonly last: Date | undefined;
  /** How many checkpoints agree with it, and the number of the last; undefined without an anchor file. */
  readonly checkpoints: { readonly count: number; readonly last: number } | undefined;
}

/** The audit is not what was written. Its message says what is wrong and where. */
export class AuditBroken extends Error {
  override readonly name = 'AuditBroken';
}

export interface VerifyOptions {
  /** Absolute path of the anchor file, if there is one. */
  readonly file?: string | undefined;
  /** Those that may have signed its checkpoints. */
  readonly keys: readonly CheckpointKey[];
}

type Row = typeof auditEntry.$inferSelect;

const PAGE = 500;

/**
 * Walks the whole chain, page by page, as it is at one moment; writers need not stop.
 *
 * @throws AuditBroken
 */
export function verifyAudit(db: Database, { file, keys }: VerifyOptions): Promise<AuditReport> {
  return db.transaction(
    async (tx) => {
      const checkpoints = file === undefined ? none() : checkpointsIn(file, keys);
      let due = await checkpoints.next();
      let count = 0;
      let lastCheckpoint = 0;
      let chain = { number: 0, hash: BEFORE_THE_FIRST };
      let last: Date | undefined;
      for await (const row of entriesOf(tx)) {
        chain = followed(chain, row);
        last = row.at;
        while (!due.done && due.value.number === chain.number) {
          if (due.value.hash !== chain.hash) throw rewritten(due.value);
          count += 1;
          lastCheckpoint = chain.number;
          due = await checkpoints.next();
        }
      }
      if (!due.done) throw cutOff(due.value, chain.number);
      await assertEnd(tx, chain);
      return {
        entries: chain.number,
        last,
        checkpoints: file === undefined ? undefined : { count, last: lastCheckpoint },
      };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}

async function* entriesOf(tx: Database): AsyncGenerator<Row> {
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = await tx
      .select()
      .from(auditEntry)
      .where(gt(auditEntry.number, after))
      .orderBy(auditEntry.number)
      .limit(PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.number;
  }
}

interface Link {
  readonly number: number;
  readonly hash: string;
}

function followed(before: Link, row: Row): Link {
  if (row.number !== before.number + 1) throw gap(before.number + 1, row.number);
  if (entryHash(before.hash, row.entry) !== row.hash)
    throw new AuditBroken(
      `Entry ${row.number} was altered: its hash is not that of what it says and of the entries before it.`,
    );
  const wrong = columnThatDiffers(row);
  if (wrong !== undefined)
    throw new AuditBroken(
      `Entry ${row.number} was altered: its column "${wrong}" says something else than the entry that was hashed.`,
    );
  return { number: row.number, hash: row.hash };
}

const hashed = z.object({
  number: z.number(),
  at: z.string(),
  action: z.string(),
  actor: z.object({ subject: z.string() }),
  target: z.object({ kind: z.string(), id: z.string() }),
});

function columnThatDiffers(row: Row): string | undefined {
  const { data } = hashed.safeParse(parsed(row.entry));
  if (data === undefined) return 'entry';
  const columns = {
    number: row.number === data.number,
    at: row.at.toISOString() === data.at,
    action: row.action === data.action,
    actor: row.actor === data.actor.subject,
    target_kind: row.targetKind === data.target.kind,
    target_id: row.targetId === data.target.id,
  };
  return Object.entries(columns).find(([, same]) => !same)?.[0];
}

function parsed(entry: string): unknown {
  try {
    return JSON.parse(entry);
  } catch {
    return undefined;
  }
}

function gap(expected: number, found: number): AuditBroken {
  if (found < expected) return new AuditBroken(`Entry ${found} does not belong into the chain.`);
  return new AuditBroken(
    found === expected + 1
      ? `Entry ${expected} is missing.`
      : `Entries ${expected} to ${found - 1} are missing.`,
  );
}

async function assertEnd(tx: Database, { number, hash }: Link): Promise<void> {
  const [head] = await tx.select().from(logHead);
  if (head === undefined) {
    if (number === 0) return;
    throw new AuditBroken('The head of the log is missing.');
  }
  if (head.number > number)
    throw new AuditBroken(
      `The end of the log is missing: ${head.number} entries were written, and the last one there is ${number}.`,
    );
  if (head.number < number || head.hash !== hash)
    throw new AuditBroken(
      `The head of the log says entry ${head.number}, which is not the last one there (${number}), or with another hash.`,
    );
}

function rewritten({ number, at }: Checkpoint): AuditBroken {
  return new AuditBroken(
    `The log was written anew: entry ${number} has another hash than at the checkpoint of ${at}, so it or one before it was altered.`,
  );
}

function cutOff({ number, at }: Checkpoint, last: number): AuditBroken {
  return new AuditBroken(
    `The end of the log is missing: the checkpoint of ${at} stands at entry ${number}, and the last one there is ${last}.`,
  );
}

async function* none(): AsyncGenerator<Checkpoint, undefined> {}

/** In the order of the file, which is that of the log. @throws AuditBroken */
async function* checkpointsIn(
  file: string,
  keys: readonly CheckpointKey[],
): AsyncGenerator<Checkpoint, undefined> {
  let line = 0;
  let before = 0;
  for await (const jws of linesOf(file)) {
    line += 1;
    if (jws === '') continue;
    const key = keys.find((one) => one.signed(jws));
    if (key === undefined)
      throw new AuditBroken(
        `The checkpoint in line ${line} is signed with a key that is not of this secret. If KEY_ENCRYPTION_SECRET was ` +
          'changed, name the former one as KEY_ENCRYPTION_SECRET_FORMER; if it was not, the line is forged.',
      );
    const checkpoint = await key.read(jws);
    if (checkpoint === undefined)
      throw new AuditBroken(`The checkpoint in line ${line} is forged or damaged.`);
    if (checkpoint.number < before)
      throw new AuditBroken(
        `The checkpoint in line ${line} stands at entry ${checkpoint.number}, after one at ${before}: the log went back.`,
      );
    before = checkpoint.number;
    yield checkpoint;
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'latin1');
  // Opened first: readline would wait for a file that is not there.
  await new Promise<void>((resolve, reject) =>
    input.once('open', () => resolve()).once('error', reject),
  ).catch(() => {
    throw new AuditBroken('The anchor file is missing or cannot be read: what it vouched for is not known.');
  });
  yield* createInterface({ input, crlfDelay: Infinity });
}
