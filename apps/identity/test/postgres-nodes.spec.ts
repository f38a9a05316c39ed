import { createLog } from '@portcullis/service';
import { decodeJwt } from 'jose';
import type { AdapterPayload } from 'oidc-provider';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artifactRow } from '../src/artifacts/artifact-row.ts';
import { ArtifactAdapter } from '../src/artifacts/artifact.adapter.ts';
import { closeOldestInteractions, deleteExpired } from '../src/artifacts/artifact-sweep.ts';
import { RefreshRotation } from '../src/artifacts/refresh-rotation.ts';
import { SYSTEM } from '../src/changes/actor.ts';
import { ChangeLog } from '../src/changes/change-log.ts';
import { openDatabase } from '../src/database/database.ts';
import { artifact } from '../src/database/schema.ts';
import { Revocations } from '../src/revocation/revocations.ts';
import { Browser } from './support/browser.ts';
import { describeDoubleRedemption, slow } from './support/double-redemption.ts';
import { ADMIN, GUEST, temporaryDirectory } from './support/identity.ts';
import {
  authorization,
  authorize,
  codeFrom,
  exchange,
  logIn,
  refresh,
  sendOwnForm,
  type Tokens,
} from './support/login.ts';
import { startNodes, startPostgres, type Node, type PostgresServer } from './support/nodes.ts';

const log = createLog({ name: 'test', level: 'silent' });

let server: PostgresServer;
let url: string;
let nodes: [Node, ...Node[]];
/** A third node's view of the same database, without HTTP. */
let database: Awaited<ReturnType<typeof openDatabase>>;
let changes: ChangeLog;
let sql: Client;

beforeAll(async () => {
  server = await startPostgres();
  url = await server.database();
  nodes = await startNodes(url, 3, { REFRESH_LEEWAY: '2' });
  database = await openDatabase(temporaryDirectory(), { url, log });
  changes = new ChangeLog(database.db, { longestToken: 600 });
  sql = new Client(url);
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await database.close();
  await Promise.all(nodes.map(({ stop }) => stop()));
  await server.stop();
});

const issuer = () => nodes[0].url;
const other = () => nodes.at(-1)?.url ?? '';
const rows = async (query: string, values: unknown[] = []) => (await sql.query(query, values)).rows;

async function isDenied(accessToken: string): Promise<boolean> {
  const { sub, sid, gid } = decodeJwt(accessToken);
  const denials = await rows(
    `select by from denial where (by = 'session' and value = $1) or (by = 'grant' and value = $2) or (by = 'subject' and value = $3)`,
    [sid, gid, sub],
  );
  return denials.length > 0;
}

describe('nodes that start together on an empty database', () => {
  it('fill it once', async () => {
    expect(await rows(`select count(*)::int from client where id = 'wab-dashboard'`)).toEqual([{ count: 1 }]);
    // One that signs, and one that waits.
    expect(await rows('select count(*)::int from signing_key')).toEqual([{ count: 2 }]);
    expect(await rows('select count(*)::int from log_head')).toEqual([{ count: 1 }]);
  });
});

describe('a login', () => {
  it('that began at one node is finished at the other', async () => {
    const { url: address, verifier } = authorization(issuer());
    const code = codeFrom(await authorize(new Browser(issuer()), address, GUEST));
    const response = await exchange(other(), code, verifier);
    expect(response.status).toBe(200);
    const { refresh_token: refreshToken = '' } = (await response.json()) as Tokens;
    expect((await refresh(issuer(), refreshToken)).status).toBe(200);
  });

  it('and a refresh do not wait for a change of authority that is under way', async () => {
    await sql.query('begin; select * from log_head for update');
    try {
      const { tokens } = await logIn(issuer(), GUEST);
      expect((await refresh(other(), tokens.refresh_token ?? '')).status).toBe(200);
    } finally {
      await sql.query('rollback');
    }
  });
});

describe('a refresh token that two hold', () => {
  const tokensOf = async (response: Response) => (await response.json()) as Tokens;
  const fork = async () => {
    const { tokens } = await logIn(issuer(), ADMIN);
    const at = async (node: string) => tokensOf(await refresh(node, tokens.refresh_token ?? ''));
    const [one, two] = await Promise.all([at(issuer()), at(other())]);
    return { one, two, tip: one.refresh_token ?? '' };
  };

  it('has one tip at both nodes within the leeway, over five rotations of either', async () => {
    const { one, two } = await fork();
    expect(one.refresh_token).toBe(two.refresh_token);
    let tip = one.refresh_token ?? '';
    for (let rotation = 0; rotation < 5; rotation += 1) {
      const next = await Promise.all(nodes.map(async (node) => tokensOf(await refresh(node.url, tip))));
      expect(new Set(next.map((tokens) => tokens.refresh_token)).size).toBe(1);
      tip = next[0]?.refresh_token ?? '';
    }
    expect(
      await rows(
        `select count(*)::int from artifact where model = 'RefreshToken' and grant_id = $1 and consumed_at is null`,
        [decodeJwt(one.access_token)['gid']],
      ),
    ).toEqual([{ count: 1 }]);
  });

  it('has no tip once one of them has gone ahead, and the access tokens of both are denied', async () => {
    const { one, two, tip } = await fork();
    let ahead = tip;
    const accessTokens = [one.access_token, two.access_token];
    for (let rotation = 0; rotation < 5; rotation += 1) {
      const next = await tokensOf(await refresh(issuer(), ahead));
      accessTokens.push(next.access_token);
      ahead = next.refresh_token ?? '';
    }
    expect(await isDenied(one.access_token)).toBe(false);
    expect((await refresh(other(), tip)).status).toBe(403);
    expect((await refresh(issuer(), ahead)).status).toBe(403);
    for (const accessToken of accessTokens) expect(await isDenied(accessToken)).toBe(true);
  });
});

describe('what is ended', () => {
  it('by a code that is used again denies the access token of its first use', async () => {
    const { url: address, verifier } = authorization(issuer());
    const code = codeFrom(await authorize(new Browser(issuer()), address, ADMIN));
    const tokens = (await (await exchange(issuer(), code, verifier)).json()) as Tokens;
    expect((await exchange(other(), code, verifier)).status).toBe(403);
    expect(await isDenied(tokens.access_token)).toBe(true);
    expect((await refresh(issuer(), tokens.refresh_token ?? '')).status).toBe(403);
  });

  it('by revoking a refresh token denies the access tokens of its grant (RFC 7009, 2.1)', async () => {
    const { tokens } = await logIn(issuer(), ADMIN);
    const body = new URLSearchParams({ client_id: 'wab-dashboard', token: tokens.refresh_token ?? '' });
    expect((await fetch(`${other()}oauth/revoke`, { method: 'POST', body })).status).toBe(200);
    expect(await isDenied(tokens.access_token)).toBe(true);
  });

  it.each([
    ['/v2/logout', (browser: Browser) => browser.get(`${issuer()}v2/logout?client_id=wab-dashboard`)],
    [
      '/oidc/logout',
      async (browser: Browser) => {
        const page = await browser.get(`${issuer()}oidc/logout`);
        const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
        return browser.post('/oidc/logout/confirm', { xsrf, logout: 'yes' });
      },
    ],
  ])('by %s is ended in one change, and denies what every client got', async (_path, logOut) => {
    const { tokens, browser } = await logIn(issuer(), ADMIN);
    const second = await logIn(issuer(), ADMIN, {}, browser);
    const { number } = await changes.position();
    expect((await logOut(browser)).status).toBeLessThan(400);
    expect((await changes.position()).number).toBe(number + 1);
    const [entry] = await rows('select entry from audit_entry order by number desc limit 1');
    expect(JSON.parse(entry.entry)).toMatchObject({
      action: 'session.end',
      actor: { subject: decodeJwt(tokens.access_token).sub, reason: 'logged out' },
    });
    for (const one of [tokens, second.tokens]) {
      expect(await isDenied(one.access_token)).toBe(true);
      expect((await refresh(other(), one.refresh_token ?? '')).status).toBe(403);
    }
  });

  it('by a logout of nobody is no change', async () => {
    const browser = new Browser(issuer());
    const { number } = await changes.position();
    const page = await browser.get(`${issuer()}oidc/logout`);
    expect((await sendOwnForm(browser, page)).status).toBe(303);
    expect((await changes.position()).number).toBe(number);
  });

  it('by logging in as somebody else is what the former user had', async () => {
    const { tokens, browser } = await logIn(issuer(), ADMIN);
    const page = await authorize(browser, authorization(issuer(), { prompt: 'login' }).url, GUEST);
    expect(codeFrom(await browser.follow(await sendOwnForm(browser, page)))).not.toBe('');
    expect(await isDenied(tokens.access_token)).toBe(true);
  });

  describe('in a native client', () => {
    const native = { client_id: 'wab-cli', redirect_uri: 'http://127.0.0.1:5151/callback' };
    const lives = async (tokens: Tokens) =>
      (await refresh(issuer(), tokens.refresh_token ?? '', { client_id: 'wab-cli' })).status === 200;

    it('is not what the browser started, but all that the user has', async () => {
      const { tokens, browser } = await logIn(issuer(), ADMIN, native);
      await browser.get(`${issuer()}v2/logout?client_id=wab-dashboard`);
      expect(await isDenied(tokens.access_token)).toBe(false);
      expect(await lives(tokens)).toBe(true);
      await new Revocations(database.db, changes).endUser(SYSTEM, String(decodeJwt(tokens.access_token).sub));
      expect(await isDenied(tokens.access_token)).toBe(true);
      expect(await lives(tokens)).toBe(false);
      await rows(`delete from denial where by = 'subject'`);
    });

    it('is also what its session gave, when an administrator ends that', async () => {
      const { tokens } = await logIn(issuer(), ADMIN, native);
      const [session] = await rows(
        `select session_uid from artifact where model = 'Session' and payload -> 'authorizations' -> 'wab-cli' ->> 'grantId' = $1`,
        [decodeJwt(tokens.access_token)['gid']],
      );
      await new Revocations(database.db, changes).endSession(SYSTEM, session.session_uid);
      expect(await isDenied(tokens.access_token)).toBe(true);
      expect(await lives(tokens)).toBe(false);
    });
  });

  it('of a client is what anybody has through it', async () => {
    const { tokens } = await logIn(issuer(), GUEST);
    await new Revocations(database.db, changes).endClient(SYSTEM, 'wab-dashboard');
    expect((await refresh(issuer(), tokens.refresh_token ?? '')).status).toBe(403);
    expect(await rows(`select issued_until is null as always from denial where by = 'client'`)).toEqual([
      { always: false },
    ]);
  });

  it('of a user includes a login that is not gone on with yet', async () => {
    const browser = new Browser(issuer());
    const page = await browser.follow(await browser.get(authorization(issuer()).url));
    const html = await page.text();
    const action = /action="([^"]+\/login)"/.exec(html)?.[1] ?? '';
    const token = /name="form_token" value="([^"]+)"/.exec(html)?.[1] ?? '';
    const submitted = await browser.post(action, {
      form_token: token,
      email: GUEST.email,
      password: GUEST.password,
    });
    const [guest] = await rows('select id from "user" where email = $1', [GUEST.email]);
    await new Revocations(database.db, changes).endUser(SYSTEM, guest.id);
    expect(codeFrom(await browser.follow(submitted))).toBe('');
  });
});

describe('the change log', () => {
  it('tells other nodes within a second, and nobody of what changed nothing', async () => {
    let told = 0;
    const stop = changes.follow(database.listen, log);
    const forget = changes.onNews(() => (told += 1));
    const elsewhere = await openDatabase(temporaryDirectory(), { url, log });
    const otherLog = new ChangeLog(elsewhere.db, { longestToken: 600 });
    await otherLog.write(SYSTEM, async () => undefined);
    await otherLog.write(SYSTEM, (_tx, record) =>
      record({ action: 'test', target: { kind: 'test', id: '1' } }),
    );
    await expect.poll(() => told, { timeout: 1000 }).toBe(1);
    await elsewhere.close();
    forget();
    stop();
  });

  it('drops what can concern no token any more, and keeps a denial until the last one has expired', async () => {
    await sql.query(`update resource_server set token_lifetime = 7200`);
    const record = (id: string) =>
      changes.write(SYSTEM, (_tx, add) =>
        add({
          action: 'test',
          target: { kind: 'test', id },
          touches: [{ subject: id }],
          denies: [{ by: 'token', value: id }],
        }),
      );
    const old = await record('old');
    const recent = await record('recent');
    const [kept] = await rows(
      `select extract(epoch from expires_at - now())::int as left from denial where number = $1`,
      [recent],
    );
    expect(kept.left).toBeGreaterThan(7200);
    // Time passes.
    await sql.query('alter table audit_entry disable trigger user');
    await sql.query(`update audit_entry set at = at - interval '3 hours' where number <= $1`, [old]);
    await sql.query('alter table audit_entry enable trigger user');
    await sql.query(`update denial set expires_at = expires_at - interval '3 hours' where number <= $1`, [
      old,
    ]);
    await Promise.all([changes.trim(), changes.trim()]);
    const left = await rows('select number::int from denial where number in ($1, $2)', [old, recent]);
    expect(left).toEqual([{ number: recent }]);
    expect(await rows('select trimmed_up_to::int from log_head')).toEqual([{ trimmed_up_to: old }]);
    await sql.query(`update resource_server set token_lifetime = null`);
  });
});

describe('the sweep', () => {
  it('takes what has expired, by several nodes at once, and nothing else', async () => {
    const insert = (interval: string, count: number) =>
      sql.query(
        `insert into artifact (model, id_hash, payload, expires_at)
         select 'Swept', gen_random_uuid()::text, '{}', now() + $1::interval from generate_series(1, $2)`,
        [interval, count],
      );
    await insert('-1 second', 2500);
    await insert('1 hour', 10);
    const swept = await Promise.all([deleteExpired(database.db), deleteExpired(database.db)]);
    expect(swept[0] + swept[1]).toBeGreaterThanOrEqual(2500);
    expect(await rows(`select count(*)::int from artifact where model = 'Swept'`)).toEqual([{ count: 10 }]);
  });
});

describe('logins that are half-way', () => {
  it('are so many at most, and the oldest go first', async () => {
    await sql.query(`delete from artifact where model = 'Interaction'`);
    await sql.query(
      `insert into artifact (model, id_hash, payload, created_at)
       select 'Interaction', n::text, '{}', now() - make_interval(secs => n) from generate_series(1, 20) n`,
    );
    await closeOldestInteractions(database.db, 8);
    const left = await rows(`select id_hash from artifact where model = 'Interaction' order by id_hash::int`);
    expect(left.map((row) => Number(row.id_hash))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await closeOldestInteractions(database.db, 8);
    expect(await rows(`select count(*)::int from artifact where model = 'Interaction'`)).toEqual([
      { count: 8 },
    ]);
  });
});

describe('ten thousand redemptions at two nodes at once', () => {
  const TIME = 300_000;
  const CODES = 6000;
  const REFRESH_TOKENS = 4000;
  const AT_ONCE = 50;
  let second: typeof database;
  beforeAll(async () => {
    second = await openDatabase(temporaryDirectory(), { url, log });
  });
  afterAll(() => second.close());

  const node = (db: typeof database.db) => {
    const rotation = new RefreshRotation(db, { leeway: 10 });
    const revocations = new Revocations(db, changes);
    return {
      rotation,
      adapter: (model: string) => new ArtifactAdapter(model, db, { rotation, revocations }),
    };
  };

  /** Each race on its own, some of them at once. */
  async function races(
    count: number,
    model: string,
    payload: AdapterPayload,
    race: (id: string) => Promise<boolean>,
  ) {
    const ids = Array.from({ length: count }, (_, index) => `race-${index}`);
    const stored = ids.map((id) => artifactRow(model, { id, payload, expiresIn: 600 }));
    for (let at = 0; at < count; at += 1000)
      await database.db.insert(artifact).values(stored.slice(at, at + 1000));
    let doubles = 0;
    while (ids.length > 0) {
      const fair = await Promise.all(ids.splice(0, AT_ONCE).map(race));
      doubles += fair.filter((one) => !one).length;
    }
    return doubles;
  }

  it('give no code twice', { timeout: TIME }, async () => {
    const both = [node(database.db), node(second.db)].map(({ adapter }) => adapter('AuthorizationCode'));
    const doubles = await races(CODES, 'AuthorizationCode', { clientId: 'wab-dashboard' }, async (id) => {
      const results = await Promise.allSettled(both.map((one) => one.consume(id)));
      return results.filter(({ status }) => status === 'fulfilled').length === 1;
    });
    expect(doubles).toBe(0);
  });

  it('give no refresh token two successors', { timeout: TIME }, async () => {
    const both = [node(database.db), node(second.db)];
    const payload = { clientId: 'wab-dashboard', grantId: 'races' };
    const doubles = await races(REFRESH_TOKENS, 'RefreshToken', payload, async (id) => {
      const given = await Promise.all(
        both.map(({ rotation }, index) => {
          const request = {};
          rotation.begin(request, id);
          rotation.hold(request, { id: `${id}-${index}`, payload, expiresIn: 600 });
          return rotation.finish(request);
        }),
      );
      return given[0] !== undefined && given[0] === given[1];
    });
    expect(doubles).toBe(0);
    const [{ living }] = (await rows(
      `select count(*)::int as living from artifact where grant_id = 'races' and consumed_at is null`,
    )) as [{ living: number }];
    expect(living).toBe(REFRESH_TOKENS);
  });
});

describe('two nodes', () => {
  let slowNodes: Node[] = [];
  beforeAll(async () => {
    slowNodes = await startNodes(await server.database(), 2, {}, { adapter: slow });
  });
  afterAll(() => Promise.all(slowNodes.map(({ stop }) => stop())));

  describeDoubleRedemption(() => slowNodes.map(({ url: address }) => address));
});
