import { eq } from 'drizzle-orm';
import { decodeJwt } from 'jose';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorityTouch, client, logHead } from '../src/database/schema.ts';
import { startIdentity, type OpenedParts } from '../src/start-identity.ts';
import { Authority } from './support/authority.ts';
import { ADMIN, GUEST, MACHINE_SECRET, settingsFor } from './support/identity.ts';
import { logIn, MENU_API, refresh, token } from './support/login.ts';

interface Page {
  readonly incarnation: string;
  readonly number: number;
  readonly snapshot: boolean;
  readonly floor?: number;
  readonly touches: readonly object[];
  readonly denials: readonly object[];
}

let issuer: string;
let identity: Awaited<ReturnType<typeof startIdentity>>;
let parts: OpenedParts;
let authority: Authority;
let directory: string;
let listener: string;
let guest: string;

async function machineToken(clientId: string, secret: string, audience: string): Promise<string> {
  const response = await token(issuer, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret,
    audience,
  });
  const { access_token: accessToken } = (await response.json()) as { access_token?: string };
  return accessToken ?? '';
}

const api = (path: string, bearer = listener, headers: Record<string, string> = {}) =>
  fetch(`${issuer}api/v2/${path}`, { headers: { authorization: `Bearer ${bearer}`, ...headers } });

async function page(path = 'changes'): Promise<Page> {
  const response = await api(path);
  expect(response.status).toBe(200);
  return (await response.json()) as Page;
}

const after = ({ incarnation, number }: { incarnation: string; number: number }) =>
  `changes?incarnation=${incarnation}&after=${number}`;

async function effective(subject: string, clientId: string, audience = MENU_API) {
  const query = new URLSearchParams({ subject, client_id: clientId, audience });
  return api(`effective-permissions?${query}`);
}

async function permissionsOf(subject: string, clientId: string): Promise<readonly string[]> {
  const response = await effective(subject, clientId);
  expect(response.status).toBe(200);
  return ((await response.json()) as { permissions: string[] }).permissions;
}

function listenerToken(): Promise<string> {
  const secret = readFileSync(join(directory, 'wab-menu-api.secret'), 'utf8').trim();
  return machineToken('wab-menu-api', secret, `${issuer}api/v2/`);
}

beforeAll(async () => {
  const settings = await settingsFor();
  identity = await startIdentity(settings, { opened: (opened) => (parts = opened) });
  issuer = identity.url;
  directory = settings.directory;
  authority = new Authority(parts);
  listener = await listenerToken();
  guest = await authority.userId(GUEST.email);
});
afterAll(() => identity.stop());

describe('the change feed of an API', () => {
  it('begins with a snapshot of all that is in force', async () => {
    const number = await authority.give(guest, 'read:items');
    expect(await page()).toMatchObject({ number, snapshot: true, floor: number, touches: [] });
  });

  it('goes on from there with whom each change touched, numbered as they were committed', async () => {
    const before = await page();
    const first = await authority.give(guest, 'create:items');
    const second = await authority.takeFromClient('supper-club', 'create:items');
    expect(await page(after(before))).toEqual({
      incarnation: before.incarnation,
      number: second,
      snapshot: false,
      touches: [
        { number: first, subject: guest, client: null },
        { number: second, subject: null, client: 'supper-club' },
      ],
      denials: [],
    });
  });

  it('says nothing of what touches another API alone, and every denial', async () => {
    const before = await page();
    await parts.changes.write({ subject: 'test' }, (_tx, record) =>
      record({
        action: 'test',
        target: { kind: 'test', id: '1' },
        touches: [{ resourceServerId: 'rs_of_somebody_else', subject: 'somebody' }],
        denies: [{ by: 'session', value: 'a-session' }],
      }),
    );
    const { touches, denials } = await page(after(before));
    expect(touches).toEqual([]);
    expect(denials).toMatchObject([{ by: 'session', value: 'a-session', issuedUntil: null }]);
    expect((await page()).denials).toContainEqual(denials[0]);
  });

  it.each<[string, (at: Page) => string]>([
    ['another incarnation, as of a backup', ({ number }) => after({ incarnation: 'another', number })],
    [
      'a number that is still to come',
      ({ incarnation, number }) => after({ incarnation, number: number + 1 }),
    ],
  ])('answers 410 to %s', async (_case, path) => {
    expect((await api(path(await page()))).status).toBe(410);
  });

  it('answers 410 where the log was trimmed, and the floor of the snapshot covers what is gone', async () => {
    const before = await page();
    const number = await authority.give(guest, 'update:items');
    await parts.db.delete(authorityTouch).where(eq(authorityTouch.number, number));
    await parts.db.update(logHead).set({ trimmedUpTo: number });
    expect((await api(after(before))).status).toBe(410);
    expect(await page()).toMatchObject({ snapshot: true, floor: number });
  });

  it.each([
    'changes?after=1',
    'changes?incarnation=x',
    'changes?incarnation=x&after=-1',
    'changes?incarnation=x&after=1&after=2',
  ])('answers 400 to %s', async (path) => {
    expect((await api(path)).status).toBe(400);
  });
});

describe('who may follow it', () => {
  it('is the client that the API itself is, and nobody else', async () => {
    expect((await fetch(`${issuer}api/v2/changes`)).status).toBe(401);
    const machine = await machineToken('wab-machine', MACHINE_SECRET, MENU_API);
    expect((await api('changes', machine)).status).toBe(401);
    const { tokens } = await logIn(issuer, ADMIN);
    expect((await api('changes', tokens.access_token)).status).toBe(401);
  });

  it('is not a client that holds the permission and is no API', async () => {
    await parts.db.update(client).set({ resourceServerId: null }).where(eq(client.id, 'wab-menu-api'));
    const answers = [
      await api('changes'),
      await api('changes/stream'),
      await effective(guest, 'wab-dashboard'),
    ];
    await parts.db
      .update(client)
      .set({ resourceServerId: 'rs_menu_api' })
      .where(eq(client.id, 'wab-menu-api'));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it('has a secret in a file that only the owner may read, the same at every start', () => {
    expect(statSync(join(directory, 'wab-menu-api.secret')).mode & 0o777).toBe(0o600);
  });
});

interface Heard {
  readonly id: string | undefined;
  readonly page: Page;
}

/** Follows the stream until it ends or is left. */
async function follow(lastEventId?: string) {
  const leaving = new AbortController();
  const response = await fetch(`${issuer}api/v2/changes/stream`, {
    headers: {
      authorization: `Bearer ${listener}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: leaving.signal,
  });
  const heard: Heard[] = [];
  const comments: string[] = [];
  const hear = (event: string): void => {
    const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(event)?.[1];
    const [data, comment] = [field('data'), field('')];
    if (comment !== undefined) comments.push(comment);
    if (data !== undefined) heard.push({ id: field('id'), page: JSON.parse(data) as Page });
  };
  const decoder = new TextDecoder();
  let unread = '';
  const ended = (async () => {
    try {
      for await (const chunk of response.body ?? []) {
        const events = (unread + decoder.decode(chunk, { stream: true })).split('\n\n');
        unread = events.pop() ?? '';
        for (const event of events) hear(event);
      }
      return 'by the server';
    } catch {
      return 'by the listener';
    }
  })();
  return { response, heard, comments, ended, leave: () => leaving.abort() };
}

describe('the change stream', () => {
  it('tells a change as it is committed, with its position as the id', async () => {
    const stream = await follow();
    await expect.poll(() => stream.heard).toHaveLength(1);
    expect(stream.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.heard[0]?.page.snapshot).toBe(true);
    const started = performance.now();
    const number = await authority.take(guest, 'create:items');
    await expect.poll(() => stream.heard, { interval: 2 }).toHaveLength(2);
    expect(performance.now() - started).toBeLessThan(500);
    expect(stream.heard[1]).toMatchObject({
      id: `${stream.heard[0]?.page.incarnation}:${number}`,
      page: { number, snapshot: false, touches: [{ number, subject: guest, client: null }] },
    });
    stream.leave();
    expect(await stream.ended).toBe('by the listener');
  });

  it('resumes after the last event that was heard', async () => {
    const before = await page();
    const number = await authority.give(guest, 'create:items');
    const stream = await follow(`${before.incarnation}:${before.number}`);
    await expect.poll(() => stream.heard).toHaveLength(1);
    expect(stream.heard[0]?.page).toMatchObject({ snapshot: false, number });
    stream.leave();
  });

  it.each(['another:1', 'nonsense', ''])('begins with a snapshot after the event %j', async (last) => {
    const stream = await follow(last);
    await expect.poll(() => stream.heard).toHaveLength(1);
    expect(stream.heard[0]?.page.snapshot).toBe(true);
    stream.leave();
  });

  it('says every few seconds that it is there', async () => {
    const stream = await follow();
    await expect.poll(() => stream.comments, { timeout: 8000 }).toContain('heartbeat');
    stream.leave();
  }, 15_000);

  it('ends when its listener is switched off', async () => {
    const stream = await follow();
    await expect.poll(() => stream.heard).toHaveLength(1);
    const switched = (enabled: boolean) =>
      parts.changes.write({ subject: 'test' }, async (tx, record) => {
        await tx.update(client).set({ enabled }).where(eq(client.id, 'wab-menu-api'));
        await record({ action: 'client.update', target: { kind: 'client', id: 'wab-menu-api' } });
      });
    await switched(false);
    expect(await stream.ended).toBe('by the server');
    expect((await api('changes')).status).toBe(403);
    await switched(true);
  });

  it('ends when its listener’s token is denied', async () => {
    const stream = await follow();
    await expect.poll(() => stream.heard).toHaveLength(1);
    const { jti = '' } = decodeJwt(listener);
    await parts.changes.write({ subject: 'test' }, (_tx, record) =>
      record({
        action: 'test',
        target: { kind: 'token', id: jti },
        denies: [{ by: 'token', value: jti }],
      }),
    );
    expect(await stream.ended).toBe('by the server');
    expect((await api('changes')).status).toBe(401);
    listener = await listenerToken();
  });
});

describe('effective permissions', () => {
  it('are the user’s within the client’s, and say at which number they were read', async () => {
    const number = await authority.give(guest, 'delete:items');
    const answer = (await (await effective(guest, 'supper-club')).json()) as Record<string, unknown>;
    const { incarnation } = await page();
    expect(answer).toEqual({ permissions: ['read:items'], incarnation, number });
    expect(await permissionsOf(guest, 'wab-dashboard')).toContain('delete:items');
  });

  it('of a machine are its client’s own', async () => {
    expect(await permissionsOf('wab-machine@clients', 'wab-machine')).toContain('update:items');
    expect(await permissionsOf('wab-machine', 'wab-machine')).toEqual([]);
    expect(await permissionsOf('wab-dashboard@clients', 'wab-machine')).toEqual([]);
  });

  it.each<[string, () => readonly [string, string]]>([
    ['a subject that nobody is', () => ['portcullis|0', 'wab-dashboard']],
    ['a client that is none', () => [guest, 'nobody']],
    ['no client', () => [guest, '']],
    ['what is no text for a database', () => ['a\0b', 'wab-dashboard']],
    ['an e-mail address', () => [GUEST.email, 'wab-dashboard']],
  ])('of %s are none', async (_case, who) => {
    expect(await permissionsOf(...who())).toEqual([]);
  });

  it('of a blocked user and through a client that is switched off are none', async () => {
    await authority.block(guest, true);
    expect(await permissionsOf(guest, 'wab-dashboard')).toEqual([]);
    await authority.block(guest, false);
    await parts.db.update(client).set({ enabled: false }).where(eq(client.id, 'supper-club'));
    expect(await permissionsOf(guest, 'supper-club')).toEqual([]);
    await parts.db.update(client).set({ enabled: true }).where(eq(client.id, 'supper-club'));
  });

  it('are told about one’s own API alone', async () => {
    expect((await effective(guest, 'wab-dashboard', `${issuer}api/v2/`)).status).toBe(403);
    expect((await api('effective-permissions?subject=a&client_id=b')).status).toBe(400);
  });
});

describe('the "chg" claim of a token', () => {
  it('is where the log had come when its permissions were read, at each issuance', async () => {
    const { incarnation } = await page();
    const first = await authority.give(guest, 'read:items');
    const { tokens } = await logIn(issuer, GUEST);
    expect(decodeJwt(tokens.access_token)['chg']).toBe(`${incarnation}:${first}`);
    const second = await authority.take(guest, 'read:items');
    const refreshed = (await (await refresh(issuer, tokens.refresh_token ?? '')).json()) as {
      access_token: string;
    };
    expect(decodeJwt(refreshed.access_token)).toMatchObject({
      chg: `${incarnation}:${second}`,
      permissions: expect.not.arrayContaining(['read:items']),
    });
    const machine = decodeJwt(await machineToken('wab-machine', MACHINE_SECRET, MENU_API));
    expect(machine['chg']).toBe(`${incarnation}:${second}`);
  });
});
