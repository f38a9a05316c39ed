import { createLog } from '@portcullis/service';
import { eq, sql } from 'drizzle-orm';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepAuditAppendOnly } from '../src/audit/append-only.ts';
import { AuditAnchor } from '../src/audit/audit-anchor.ts';
import { exportAudit, type AuditFilter } from '../src/audit/audit-export.ts';
import { CheckpointKey } from '../src/audit/checkpoint.ts';
import { BEFORE_THE_FIRST, entryHash } from '../src/audit/entry-hash.ts';
import { verifyAudit } from '../src/audit/verify-audit.ts';
import { ChangeLog } from '../src/changes/change-log.ts';
import { openDatabase, type Database } from '../src/database/database.ts';
import { auditEntry, logHead, role, user } from '../src/database/schema.ts';
import { temporaryDirectory } from './support/identity.ts';

const ENTRIES = 12;
const KEY = new CheckpointKey('the secret of this provider, long enough');
const log = createLog({ name: 'test', level: 'silent' });
const file = join(temporaryDirectory(), 'anchor.jsonl');

let database: Awaited<ReturnType<typeof openDatabase>>;
let db: Database;
let changes: ChangeLog;
beforeAll(async () => {
  database = await openDatabase(temporaryDirectory());
  ({ db } = database);
  changes = new ChangeLog(db, { longestToken: 600 });
});
afterAll(() => database.close());

/** A dozen entries, with a checkpoint after the fourth and the eighth. */
beforeEach(async () => {
  await tampering('DELETE FROM audit_entry');
  await tampering('DELETE FROM log_head');
  rmSync(file, { force: true });
  await changes.open();
  await keepAuditAppendOnly(db);
  for (let number = 1; number <= ENTRIES; number += 1) {
    await change(number);
    if (number % 4 === 0 && number < ENTRIES) await anchor();
  }
});

const change = (number: number) =>
  changes.write({ subject: `person ${number % 3}`, requestId: `request ${number}` }, (_tx, record) =>
    record({
      action: number % 2 === 0 ? 'role.permissions.add' : 'user.roles.add',
      target: number % 2 === 0 ? { kind: 'role', id: 'rol_1' } : { kind: 'user', id: `someone ${number}` },
      before: { held: [] },
      after: { held: [`number ${number}`] },
    }),
  );

async function anchor(): Promise<void> {
  const one = new AuditAnchor({ db, key: KEY, log, file, every: 3600 });
  await one.start();
  await one.stop();
}

const verified = (keys = [KEY]) => verifyAudit(db, { file, keys });
const found = () =>
  verified().then(
    () => 'whole',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

/** What only the owner of the database can do. */
async function tampering(...statements: readonly string[]): Promise<void> {
  await db.execute(sql.raw('ALTER TABLE audit_entry DISABLE TRIGGER USER'));
  for (const statement of statements) await db.execute(sql.raw(statement));
  await db.execute(sql.raw('ALTER TABLE audit_entry ENABLE TRIGGER USER'));
}

describe('an audit entry', () => {
  it.each([
    "UPDATE audit_entry SET actor = 'nobody'",
    "UPDATE audit_entry SET actor = 'nobody' WHERE false",
    'DELETE FROM audit_entry WHERE number = 3',
    'TRUNCATE audit_entry',
    'TRUNCATE audit_entry CASCADE',
    `INSERT INTO audit_entry SELECT * FROM audit_entry WHERE number = 1 ON CONFLICT (number) DO UPDATE SET actor = 'x'`,
  ])('is only ever appended: the database refuses %s', async (statement) => {
    await expect(db.execute(sql.raw(statement))).rejects.toMatchObject({
      cause: { message: 'audit entries are only ever appended' },
    });
    expect(await found()).toBe('whole');
  });
});

describe('the audit', () => {
  it('that nobody touched is whole, and agrees with its checkpoints', async () => {
    expect(await verified()).toEqual({
      entries: ENTRIES,
      last: expect.any(Date),
      checkpoints: { count: 2, last: 8 },
    });
    expect(await verifyAudit(db, { keys: [KEY] })).toMatchObject({ checkpoints: undefined });
  });

  it('is whole after fifty writers at once, each of several entries', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, writer) =>
        changes.write({ subject: `writer ${writer}` }, async (_tx, record) => {
          const target = { kind: 'role', id: `rol_${writer}` };
          for (const action of ['role.create', 'role.permissions.add', 'role.update'])
            await record({ action, target });
        }),
      ),
    );
    expect(await verified()).toMatchObject({ entries: ENTRIES + 150 });
  });

  it('takes nothing of a change that failed', async () => {
    const failing = changes.write({ subject: 'someone' }, async (_tx, record) => {
      await record({ action: 'role.create', target: { kind: 'role', id: 'rol_never' } });
      throw new Error('after all not');
    });
    await expect(failing).rejects.toThrow('after all not');
    expect(await verified()).toMatchObject({ entries: ENTRIES });
  });

  it('of many pages is walked to its end', async () => {
    await changes.write({ subject: 'someone' }, async (_tx, record) => {
      for (let number = 0; number < 1200; number += 1)
        await record({ action: 'role.create', target: { kind: 'role', id: `rol_${number}` } });
    });
    expect(await verified()).toMatchObject({ entries: ENTRIES + 1200 });
    await tampering(`UPDATE audit_entry SET actor = 'nobody' WHERE number = 1100`);
    expect(await found()).toContain('Entry 1100');
  });

  it.each<[string, string[], string]>([
    [
      'an entry that says something else',
      [`UPDATE audit_entry SET entry = replace(entry, 'number 3', 'number 4') WHERE number = 3`],
      'Entry 3 was altered: its hash',
    ],
    [
      'a column that says something else',
      [`UPDATE audit_entry SET actor = 'somebody else' WHERE number = 6`],
      'Entry 6 was altered: its column "actor"',
    ],
    [
      'another time',
      [`UPDATE audit_entry SET at = at - interval '1 day' WHERE number = 6`],
      'its column "at"',
    ],
    [
      'another hash',
      [`UPDATE audit_entry SET hash = repeat('a', 64) WHERE number = 6`],
      'Entry 6 was altered: its hash',
    ],
    ['a gap', ['DELETE FROM audit_entry WHERE number = 5'], 'Entry 5 is missing.'],
    ['a wide gap', ['DELETE FROM audit_entry WHERE number IN (5, 6, 7)'], 'Entries 5 to 7 are missing.'],
    ['a beginning that is gone', ['DELETE FROM audit_entry WHERE number = 1'], 'Entry 1 is missing.'],
    [
      'an entry before the first',
      [
        `INSERT INTO audit_entry SELECT 0, at, action, actor, target_kind, target_id, entry, hash FROM audit_entry WHERE number = 1`,
      ],
      'Entry 0 does not belong',
    ],
    [
      'an end that was cut off',
      ['DELETE FROM audit_entry WHERE number > 10'],
      '12 entries were written, and the last one there is 10',
    ],
    [
      'an end that was cut off with the head, below a checkpoint',
      [
        'DELETE FROM audit_entry WHERE number > 7',
        'UPDATE log_head SET number = 7, hash = (SELECT hash FROM audit_entry WHERE number = 7)',
      ],
      'stands at entry 8, and the last one there is 7',
    ],
    ['a head that is gone', ['DELETE FROM log_head'], 'The head of the log is missing.'],
    ['a head that lags behind', ['UPDATE log_head SET number = 11'], 'The head of the log says entry 11'],
    ['everything gone', ['DELETE FROM audit_entry', 'DELETE FROM log_head'], 'stands at entry 4'],
  ])('with %s is found out', async (_what, statements, sentence) => {
    await tampering(...statements);
    expect(await found()).toContain(sentence);
  });

  it('that was written anew, hashes and head and all, is found out by a checkpoint', async () => {
    const rows = await db.select().from(auditEntry).orderBy(auditEntry.number);
    let hash = BEFORE_THE_FIRST;
    const statements = rows.map(({ number, entry }) => {
      const forged = entry.replace('number 6', 'number 7');
      hash = entryHash(hash, forged);
      return `UPDATE audit_entry SET entry = '${forged}', hash = '${hash}' WHERE number = ${number}`;
    });
    await tampering(...statements, `UPDATE log_head SET hash = '${hash}'`);
    expect(await verifyAudit(db, { keys: [KEY] })).toMatchObject({ entries: ENTRIES }); // alone it seems whole
    expect(await found()).toContain('The log was written anew: entry 8');
  });
});

describe('a checkpoint', () => {
  const lines = (): string[] => readFileSync(file, 'utf8').trim().split('\n');

  it('is signed, written once for each state, and readable by the owner alone', async () => {
    expect(lines()).toHaveLength(2);
    expect(await KEY.read(lines()[1] ?? '')).toMatchObject({ number: 8 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await anchor();
    await anchor();
    expect(lines()).toHaveLength(3);
    expect(await verified()).toMatchObject({ checkpoints: { count: 3, last: ENTRIES } });
  });

  it.each<[string, () => unknown, string]>([
    [
      'of another key',
      async () => appendFileSync(file, `${await forged('another secret, of the same length')}\n`),
      'line 3',
    ],
    [
      'whose text was changed',
      () =>
        writeFileSync(
          file,
          lines()
            .join('\n')
            .replace(/\.[\w-]{20}/, `.${'A'.repeat(20)}`),
        ),
      'forged or damaged',
    ],
    ['that is no such thing', () => appendFileSync(file, 'hello\n'), 'line 3'],
    ['out of order', () => writeFileSync(file, lines().toReversed().join('\n')), 'the log went back'],
    ['that is missing, with all the others', () => rmSync(file), 'The anchor file is missing'],
  ])('%s is found out', async (_what, spoil, sentence) => {
    await spoil();
    expect(await found()).toContain(sentence);
  });

  it('is compared before the next one: the log of a running identity tells as well', async () => {
    const running = new AuditAnchor({ db, key: KEY, log, file, every: 3600 });
    await running.start();
    expect(await running.stands()).toBe(true);
    await tampering(`UPDATE audit_entry SET hash = repeat('a', 64) WHERE number = ${ENTRIES}`);
    expect(await running.stands()).toBe(false);
    await tampering(`DELETE FROM audit_entry WHERE number = ${ENTRIES}`);
    expect(await running.stands()).toBe(false);
    await running.stop();
    const restarted = new AuditAnchor({ db, key: KEY, log, file, every: 3600 });
    await restarted.start();
    expect(await restarted.stands()).toBe(false);
    await restarted.stop();
  });

  it('is good by a former secret that is named', async () => {
    const newer = new CheckpointKey('the secret that came after it, as long');
    await expect(verified([newer])).rejects.toThrow('KEY_ENCRYPTION_SECRET_FORMER');
    expect(await verified([newer, KEY])).toMatchObject({ checkpoints: { count: 2 } });
  });

  it('cannot be kept where nothing can be written: that refuses the start', async () => {
    const nowhere = new AuditAnchor({ db, key: KEY, log, file: join(file, 'below'), every: 3600 });
    await expect(nowhere.start()).rejects.toThrow('AUDIT_ANCHOR_FILE');
  });

  function forged(secret: string): Promise<string> {
    return new CheckpointKey(secret).sign({ number: 12, hash: 'a'.repeat(64), at: new Date().toISOString() });
  }
});

describe('the export', () => {
  interface Line {
    readonly number: number;
    readonly actor: { readonly subject: string };
    readonly code: string;
    readonly hash: string;
  }

  async function exported(filter?: AuditFilter): Promise<Line[]> {
    const lines: Line[] = [];
    for await (const line of exportAudit(db, filter)) {
      expect(line).toMatch(/^[^\n]+\n$/);
      lines.push(JSON.parse(line) as Line);
    }
    return lines;
  }

  it('is one JSON object a line, from which the chain can be computed anew', async () => {
    let hash = BEFORE_THE_FIRST;
    for await (const line of exportAudit(db)) {
      const [, entry, code, said] = /^(.*),"code":"(\w+)","hash":"(\w+)"\}\n$/.exec(line) ?? [];
      hash = entryHash(hash, `${entry}}`);
      expect([code, said]).toEqual(['sapi', hash]);
    }
    const [head] = await db.select().from(logHead);
    expect(hash).toBe(head?.hash);
  });

  it('has Auth0’s code where it has one', async () => {
    const codes = {
      'session.end': 'slo',
      'grant.end': 'srrt',
      'user.password.change': 'scp',
      'user.delete': 'sdu',
    };
    for (const action of Object.keys(codes))
      await changes.write({ subject: 's' }, (_tx, record) =>
        record({ action, target: { kind: 'user', id: 'u' } }),
      );
    const after = await exported({ after: ENTRIES });
    expect(after.map(({ code }) => code)).toEqual(Object.values(codes));
  });

  it('tells who changed which role, and when: of an entry’s number, time, action, actor and target', async () => {
    await db.insert(role).values({ id: 'rol_1', name: 'a role', description: '' }).onConflictDoNothing();
    await db
      .insert(user)
      .values({ id: 'someone 3', email: 'three@example.com', name: 'T', nickname: 't', passwordHash: 'x' })
      .onConflictDoNothing();
    const numbers = async (filter: AuditFilter) => (await exported(filter)).map(({ number }) => number);
    expect(await numbers({ target: { kind: 'role', id: 'a role' } })).toEqual([2, 4, 6, 8, 10, 12]);
    expect(await numbers({ target: { kind: 'role', id: 'rol_1' }, after: 8 })).toEqual([10, 12]);
    expect(await numbers({ target: { kind: 'user', id: 'Three@example.com' } })).toEqual([3]);
    expect(await numbers({ target: { kind: 'user' } })).toHaveLength(6);
    expect(await numbers({ action: 'user.roles' })).toHaveLength(6);
    expect(await numbers({ action: 'user.role' })).toEqual([]);
    expect(await numbers({ action: 'role.permissions.add', actor: 'person 0' })).toEqual([6, 12]);
    expect(await numbers({ action: '%' })).toEqual([]);
    const [sixth] = await db.select().from(auditEntry).where(eq(auditEntry.number, 6));
    expect((await numbers({ since: sixth?.at ?? new Date(0) }))[0]).toBeLessThanOrEqual(6);
    expect(await numbers({ since: new Date(Date.now() + 60_000) })).toEqual([]);
  });
});
