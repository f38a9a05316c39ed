import { decodeJwt } from 'jose';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Browser } from './support/browser.ts';
import { ADMIN, freePort, GUEST, MACHINE_SECRET, temporaryDirectory } from './support/identity.ts';
import {
  authorization,
  authorize,
  codeFrom,
  exchange,
  logIn,
  refresh,
  type Tokens,
} from './support/login.ts';
import { shared, startNodes, startPostgres, type Node, type PostgresServer } from './support/nodes.ts';

/** A process starts in a second, or in ten where others work. */
const TIME = 60_000;

let server: PostgresServer;
let database: string;
let node: Node;

beforeAll(async () => {
  server = await startPostgres();
  database = await server.database();
  [node] = await startNodes(database, 1);
});
afterAll(async () => {
  await node.stop();
  await server.stop();
});

async function rows(query: string, values: unknown[]): Promise<readonly unknown[]> {
  const client = new Client(database);
  await client.connect();
  try {
    return (await client.query(query, values)).rows;
  } finally {
    await client.end();
  }
}

const isDenied = async (accessToken: string): Promise<boolean> => {
  const { sid, gid } = decodeJwt(accessToken);
  return (await rows('select 1 from denial where value in ($1, $2)', [sid, gid])).length > 0;
};

const revoke = (url: string, token = '') =>
  fetch(`${url}oauth/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'wab-dashboard', token }),
  });

const successorOf = async (response: Response) => ((await response.json()) as Tokens).refresh_token ?? '';

describe('the log of a node', () => {
  it('names what became of a refresh as Auth0 does, and repeats no token', { timeout: TIME }, async () => {
    const { tokens } = await logIn(node.url, GUEST);
    const { url, output } = await startProcess();
    const first = await successorOf(await refresh(url, tokens.refresh_token ?? ''));
    const second = await successorOf(await refresh(url, first));
    for (const used of [tokens.refresh_token ?? '', second]) await refresh(url, used);
    const events = () => output().match(/"event":"\w+"/g);
    await expect
      .poll(events, { timeout: 5000 })
      .toEqual(['sertft', 'sertft', 'ferrt', 'fertft'].map((event) => `"event":"${event}"`));
    for (const token of [tokens.refresh_token ?? '', first, second]) expect(output()).not.toContain(token);
  });
});

describe('a node that is killed while it writes', () => {
  it.each([1, 2, 3, 4, 5])(
    'loses nothing that was acknowledged and does nothing by half, round %i',
    { timeout: TIME },
    async () => {
      const families = await Promise.all(
        Array.from({ length: 3 }, async () => (await logIn(node.url, GUEST)).tokens),
      );
      const doomed = await Promise.all(
        Array.from({ length: 3 }, async () => (await logIn(node.url, GUEST)).tokens),
      );
      const { url, kill } = await startProcess();
      const tips = families.map((tokens) => tokens.refresh_token ?? '');
      const revoked = new Set<Tokens>();
      const writing = Promise.allSettled([
        ...tips.map(async (_tip, index) => {
          for (;;) {
            const response = await refresh(url, tips[index] ?? '');
            if (response.status === 200) tips[index] = await successorOf(response);
          }
        }),
        (async () => {
          for (const tokens of doomed) {
            if ((await revoke(url, tokens.refresh_token)).status === 200) revoked.add(tokens);
            await after(30);
          }
        })(),
      ]);
      await after(150 + Math.random() * 200);
      await kill();
      await writing;
      // What was answered goes on; what was not can be asked again.
      for (const tip of tips) expect((await refresh(node.url, tip)).status).toBe(200);
      for (const tokens of doomed) {
        const denied = await isDenied(tokens.access_token);
        if (revoked.has(tokens)) expect(denied).toBe(true);
        expect((await refresh(node.url, tokens.refresh_token ?? '')).status).toBe(denied ? 403 : 200);
      }
    },
  );
});

describe('a database that crashes', () => {
  it.each([1, 2, 3])('brings back no used code, rotated token or ended session, round %i', async () => {
    const { url, verifier } = authorization(node.url);
    const code = codeFrom(await authorize(new Browser(node.url), url, ADMIN));
    const { tokens, browser } = await logIn(node.url, ADMIN);
    const rotated = (await logIn(node.url, ADMIN)).tokens.refresh_token ?? '';
    const [exchanged, renewed, loggedOut] = await Promise.all([
      exchange(node.url, code, verifier),
      refresh(node.url, rotated),
      browser.get(`${node.url}v2/logout?client_id=wab-dashboard`),
    ]);
    expect([exchanged.status, renewed.status, loggedOut.status]).toEqual([200, 200, 302]);
    await server.crash();
    await server.restart();
    await back();
    expect((await exchange(node.url, code, verifier)).status).toBe(403);
    expect(await isDenied(tokens.access_token)).toBe(true);
    expect((await refresh(node.url, tokens.refresh_token ?? '')).status).toBe(403);
    const silent = await browser.get(authorization(node.url, { prompt: 'none' }).url);
    expect(silent.headers.get('location')).toMatch(/error=login_required/);
    expect((await refresh(node.url, await successorOf(renewed))).status).toBe(200);
    expect((await refresh(node.url, rotated)).status).toBe(403);
  });
});

describe('a database that is away', () => {
  const everything = (refreshToken: string, browser: Browser, page: string) => ({
    refresh: () => refresh(node.url, refreshToken),
    authorize: () => fetch(authorization(node.url).url, { redirect: 'manual' }),
    'authorize, by a browser': () =>
      fetch(authorization(node.url).url, { redirect: 'manual', headers: { Accept: 'text/html' } }),
    'login page': () => browser.get(page),
    logout: () => browser.get(`${node.url}v2/logout?client_id=wab-dashboard`),
    readiness: () => fetch(`${node.url}health/ready`),
  });

  it.each([
    ['stands still', async () => server.pause(), async () => server.resume()],
    ['crashed', () => server.crash(), () => server.restart()],
  ])(
    'because it %s is answered by 503 in two seconds, and nothing is lost',
    async (_how, goAway, comeBack) => {
      const { tokens, browser } = await logIn(node.url, ADMIN);
      const asked = await browser.get(authorization(node.url, { prompt: 'login' }).url);
      const page = asked.headers.get('location') ?? '';
      expect((await browser.get(page)).status).toBe(200);
      await goAway();
      try {
        const answers = await Promise.all(
          Object.entries(everything(tokens.refresh_token ?? '', browser, page)).map(async ([name, ask]) => {
            const started = performance.now();
            const response = await ask();
            return { name, status: response.status, inTime: performance.now() - started < 2000 };
          }),
        );
        expect(answers).toEqual(answers.map(({ name }) => ({ name, status: 503, inTime: true })));
        const again = await refresh(node.url, tokens.refresh_token ?? '');
        expect(again.status).toBe(503);
        expect(again.headers.get('retry-after')).toBe('1');
        expect(await again.json()).toMatchObject({ error: 'temporarily_unavailable' });
        for (const path of ['.well-known/jwks.json', '.well-known/openid-configuration', 'health/live'])
          expect((await fetch(`${node.url}${path}`)).status).toBe(200);
      } finally {
        await comeBack();
      }
      await back();
      expect((await refresh(node.url, tokens.refresh_token ?? '')).status).toBe(200);
    },
  );
});

/** Within five seconds. */
async function back(): Promise<void> {
  await expect.poll(async () => (await fetch(`${node.url}health/ready`)).status, { timeout: 5000 }).toBe(200);
}

/** A second node, as a process that can be killed. */
async function startProcess() {
  const port = await freePort();
  const child = fork(fileURLToPath(new URL('../dist/main.js', import.meta.url)), [], {
    execArgv: [],
    env: {
      ...process.env,
      ...shared(database, Number(new URL(node.url).port)),
      IDENTITY_PORT: String(port),
      DATA_DIR: temporaryDirectory(),
      SEED_ADMIN_PASSWORD: ADMIN.password,
      SEED_GUEST_PASSWORD: GUEST.password,
      SEED_MACHINE_SECRET: MACHINE_SECRET,
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const kill = async (): Promise<void> => {
    if (hasEnded(child)) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  onTestFinished(kill);
  await once(child, 'message');
  return { url: `http://localhost:${port}/`, kill, output: () => output };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;
