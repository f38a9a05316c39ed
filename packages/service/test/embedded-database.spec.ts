import { StartRefused } from '@portcullis/service';
import { openEmbeddedDatabase } from '@portcullis/service/database';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folder, killed, program } from './child.ts';
import { migrations } from './migrations.ts';

const TIME = 90_000;

/** A database that was opened and closed once; each test has a copy of it. */
let made: string;
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'portcullis-service-'));
  await (await open(made)).close();
}, TIME);
afterAll(() => rmSync(made, { recursive: true, force: true }));

function copy(): string {
  const directory = folder();
  cpSync(made, directory, { recursive: true });
  return directory;
}

const open = (directory: string) => openEmbeddedDatabase({ directory, migrations, schema: {} });

async function notes({ db }: Awaited<ReturnType<typeof open>>): Promise<readonly unknown[]> {
  const { rows } = await db.execute('select text from notes order by id');
  return rows.map((row) => row['text']);
}

describe('the embedded database', () => {
  it('keeps its rows over close and open', { timeout: TIME }, async () => {
    const directory = copy();
    const first = await open(directory);
    expect(await notes(first)).toEqual([]);
    await first.db.execute(`insert into notes (text) values ('soup'), ('salad')`);
    await first.close();
    const second = await open(directory);
    expect(await notes(second)).toEqual(['soup', 'salad']);
    await second.close();
  });

  it('is refused to a second opener and left unharmed by it', { timeout: TIME }, async () => {
    const directory = copy();
    const first = await open(directory);
    await expect(open(directory)).rejects.toThrow(StartRefused);
    await first.db.execute(`insert into notes (text) values ('soup')`);
    expect(await notes(first)).toEqual(['soup']);
    await first.close();
  });

  it('tells listeners what is notified, once it is committed', { timeout: TIME }, async () => {
    const { db, listen, exclusively, close } = await open(copy());
    let heard = 0;
    const stop = listen('news', () => (heard += 1));
    await expect.poll(() => heard).toBe(1);
    await exclusively('news', () =>
      db.transaction(async (tx) => {
        await tx.execute(`select pg_notify('news', '')`);
        expect(heard).toBe(1);
      }),
    );
    await expect.poll(() => heard).toBe(2);
    stop();
    await db.execute(`select pg_notify('news', '')`);
    expect(heard).toBe(2);
    await close();
  });

  it('keeps what was acknowledged through kill -9', { timeout: TIME }, async () => {
    const directory = copy();
    const child = program('open-database', directory);
    expect(await once(child, 'message')).toEqual(['open', undefined]);
    await expect(open(directory)).rejects.toThrow('Another process already runs on');
    await killed(child);
    const after = await open(directory);
    expect(await notes(after)).toEqual(['from a child']);
    await after.close();
  });

  it(
    'gives the directory up when a migration fails, and again when it is closed twice',
    { timeout: TIME },
    async () => {
      const directory = copy();
      const nothing = openEmbeddedDatabase({ directory, migrations: folder(), schema: {} });
      await expect(nothing).rejects.toThrow('_journal.json');
      const database = await open(directory);
      await database.close();
      await database.close();
      const again = await open(directory);
      expect(await notes(again)).toEqual([]);
      await again.close();
    },
  );
});

describe('a first start that was interrupted', () => {
  it('leaves nothing broken: the next one makes the database anew', { timeout: TIME }, async () => {
    const directory = folder();
    const child = program('open-database', directory);
    const unfinished = () =>
      existsSync(directory) && readdirSync(directory).some((name) => name.includes('unfinished'));
    await expect.poll(unfinished, { interval: 5, timeout: TIME }).toBe(true);
    await killed(child);
    expect(existsSync(join(directory, 'postgres'))).toBe(false);
    const database = await open(directory);
    expect(await notes(database)).toEqual([]);
    await database.close();
    expect(readdirSync(directory).filter((name) => name.startsWith('postgres'))).toEqual(['postgres']);
  });

  it('is swept away, whatever it left', { timeout: TIME }, async () => {
    const directory = folder();
    for (const left of ['postgres.unfinished.1', 'postgres.unfinished.2']) {
      mkdirSync(join(directory, left));
      writeFileSync(join(directory, left, 'PG_VERSION'), 'half');
    }
    await (await open(directory)).close();
    expect(readdirSync(directory).filter((name) => name.includes('unfinished'))).toEqual([]);
  });
});
