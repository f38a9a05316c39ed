import { createLog, isDatabaseAway, StartRefused } from '@portcullis/service';
import type { OpenDatabase } from '@portcullis/service/database';
import { openPostgresDatabase } from '@portcullis/service/postgres';
import { sql } from 'drizzle-orm';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from './migrations.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

type Opened = OpenDatabase<Record<string, never>>;
const opened: Opened[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
});

const log = createLog({ name: 'test', level: 'silent' });
async function open(url: string): Promise<Opened> {
  const database = await openPostgresDatabase({
    url,
    variable: 'DATABASE_URL',
    application: 'portcullis-test',
    migrations,
    schema: {},
    log,
  });
  opened.push(database);
  return database;
}

const notes = async ({ db }: Opened) => Number((await count(db.execute('select count(*) from notes'))) ?? 0);
async function count(result: Promise<unknown>): Promise<unknown> {
  const { rows } = (await result) as { readonly rows: readonly { readonly count: string }[] };
  return rows[0]?.count;
}
const note = ({ db }: Opened) =>
  db.transaction((tx) => tx.execute(`insert into notes (text) values ('soup')`));

async function failure(work: Promise<unknown>) {
  const started = performance.now();
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { away: isDatabaseAway(error), error, after: performance.now() - started };
}

async function eventually(works: () => Promise<unknown>, within: number): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    try {
      await works();
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await after(50);
    }
  }
}

describe('a Postgres server', () => {
  it('is migrated once by three that open it at the same time', async () => {
    const url = await server.database();
    const three = await Promise.all([open(url), open(url), open(url)]);
    expect(await Promise.all(three.map(notes))).toEqual([0, 0, 0]);
    const [first] = three;
    expect(await count(first.db.execute('select count(*) from drizzle.__drizzle_migrations'))).toBe('1');
  });

  it('has work of one name done by one process at a time', async () => {
    const url = await server.database();
    const two = await Promise.all([open(url), open(url)]);
    let busy = 0;
    let most = 0;
    await Promise.all(
      two.map(({ exclusively }) =>
        exclusively('seed', async () => {
          most = Math.max(most, (busy += 1));
          await after(100);
          busy -= 1;
        }),
      ),
    );
    expect(most).toBe(1);
  });

  it('bounds what a statement and a lock may take', async () => {
    const database = await open(await server.database());
    const { db } = database;
    await note(database);
    const [slow, locked] = await Promise.all([
      failure(db.execute('select pg_sleep(20)')),
      db.transaction(async (tx) => {
        await tx.execute('select * from notes for update');
        return failure(db.execute('select * from notes for update'));
      }),
    ]);
    for (const { away, after: time } of [slow, locked]) {
      expect(away).toBe(true);
      expect(time).toBeLessThan(6000);
    }
  });

  it('rolls back what fails, and keeps the connection', async () => {
    const database = await open(await server.database());
    for (let turn = 0; turn < 15; turn += 1) {
      const failed = database.db.transaction(async (tx) => {
        await tx.execute(`insert into notes (text) values ('salad')`);
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
    }
    expect(await notes(database)).toBe(0);
  });
});

describe('a start', () => {
  const sentence = async (url: string) => {
    const { error } = await failure(open(url));
    expect(error).toBeInstanceOf(StartRefused);
    expect(String(error)).not.toContain('hunter2');
    return String(error);
  };

  it.each([
    [
      'where nothing answers',
      () => 'u:hunter2@127.0.0.1:1/d',
      /DATABASE_URL: nothing answers at 127\.0\.0\.1:1\. Start/,
    ],
    ['with an unknown user', () => `nemo:hunter2@127.0.0.1:${server.port}/postgres`, /refuses the user nemo/],
    [
      'without the database',
      () => `postgres:hunter2@127.0.0.1:${server.port}/menu`,
      /has no database menu.*createdb menu/,
    ],
    [
      'when TLS is asked for and not spoken',
      () => `postgres:hunter2@127.0.0.1:${server.port}/postgres?sslmode=verify-full`,
      /does not speak TLS/,
    ],
  ])('is refused %s', async (_why, address, wrong) => {
    expect(await sentence(`postgres://${address()}`)).toMatch(wrong);
  });

  it('is refused on something that is no Postgres', async () => {
    const web = createServer().listen(0, '127.0.0.1');
    await once(web, 'listening');
    const address = web.address();
    const port = typeof address === 'object' ? address?.port : 0;
    expect(await sentence(`postgres://u:hunter2@127.0.0.1:${port}/d`)).toMatch(
      /does not speak as Postgres does/,
    );
    web.close();
  });

  it('is refused to a user who may make no tables', async () => {
    const url = await server.database();
    const { db } = await open(url);
    await db.execute('create role guest login');
    await db.execute('drop schema drizzle cascade');
    const address = url.replace('postgres@', 'guest@');
    expect(await sentence(address)).toMatch(/the user guest may not make tables/);
  });
});

describe('a server that goes away', () => {
  it('fails calls within two seconds while it stands still, and is back within five', async () => {
    const database = await open(await server.database());
    await note(database);
    server.pause();
    try {
      const calls = Array.from({ length: 30 }, (_, index) =>
        failure(index % 2 === 0 ? note(database) : notes(database)),
      );
      for (const { away, after: time } of await Promise.all(calls)) {
        expect(away).toBe(true);
        expect(time).toBeLessThan(2000);
      }
      const later = await failure(notes(database));
      expect(later).toMatchObject({ away: true });
      expect(later.after).toBeLessThan(2000);
    } finally {
      server.resume();
    }
    await eventually(() => Promise.all(Array.from({ length: 20 }, () => note(database))), 5000);
  });

  it('fails calls at once when it crashed, and is back within five seconds after its restart', async () => {
    const database = await open(await server.database());
    await note(database);
    await server.crash();
    for (let call = 0; call < 25; call += 1) {
      const { away, after: time } = await failure(note(database));
      expect(away).toBe(true);
      expect(time).toBeLessThan(1000);
    }
    await server.restart();
    await eventually(() => Promise.all(Array.from({ length: 20 }, () => note(database))), 5000);
    expect(await notes(database)).toBe(21);
  });

  it('takes no harm from every connection being cut', async () => {
    const database = await open(await server.database());
    for (let cut = 0; cut < 3; cut += 1) {
      await Promise.allSettled([
        ...Array.from({ length: 10 }, () => note(database)),
        database.db.execute(
          sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
        ),
      ]);
    }
    await eventually(() => Promise.all(Array.from({ length: 20 }, () => note(database))), 5000);
    expect(await notes(database)).toBeGreaterThanOrEqual(20);
  });
});

describe('listening', () => {
  const waitFor = async (heard: () => number, atLeast: number, within: number) =>
    eventually(async () => {
      if (heard() < atLeast) throw new Error(`heard ${heard()} of ${atLeast}`);
    }, within);

  it('hears what another process commits, and looks again after every interruption', async () => {
    const url = await server.database();
    const [one, other] = await Promise.all([open(url), open(url)]);
    let heard = 0;
    const stop = one.listen('news', () => (heard += 1));
    await waitFor(() => heard, 1, 1000);
    heard = 0;
    await other.db.execute(`select pg_notify('news', '')`);
    await waitFor(() => heard, 1, 1000);
    heard = 0;
    await server.restart();
    await waitFor(() => heard, 1, 5000);
    heard = 0;
    stop();
    await eventually(() => other.db.execute(`select pg_notify('news', '')`), 5000);
    await after(200);
    expect(heard).toBe(0);
  });
});
