import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import type { Load } from '../../../bench/client.ts';
import { PERMISSION } from '../../../bench/servers/hello.ts';
import { compare, median, OURS, printMachine, ratios, spent, values } from '../../../scripts/measure.ts';
import { guardedApp, passportApp, plainApp } from './applications.ts';

const BARE = 'no guard';
const PUBLIC = 'ours, public route';
const HANDWRITTEN = 'written by hand';
const PASSPORT = 'Passport that says yes';
const THROUGH_PASSPORT = 'ours, through Passport';
const TOKENS = 1000;
const CONNECTIONS = 16;
const REQUESTS = 4000; // a round

/** What the guard costs within a whole request, seen tokens only. */
async function wholeRequest(alone: string | undefined): Promise<void> {
  const issuer = await createTestIssuer();
  const [guarded, plain] = [await guardedApp(issuer), await plainApp(issuer)];
  const throughPassport = await passportApp(issuer);
  const clients = fork(new URL('../../../bench/client.ts', import.meta.url), { execArgv: [] });
  clients.send(await tokens(issuer));
  const way = (name: string, app: { readonly url: string }, path: string): Way => {
    const load = { port: Number(new URL(app.url).port), path, from: 0, connections: CONNECTIONS };
    return { name, run: (requests) => served(clients, { ...load, requests }) };
  };
  const ways = [
    way(BARE, plain, '/bare'),
    way(PUBLIC, guarded, '/public'),
    way(HANDWRITTEN, plain, '/handwritten'),
    way(OURS, guarded, '/protected'),
    way(PASSPORT, plain, '/passport'),
    way(THROUGH_PASSPORT, throughPassport, '/through-passport'),
  ];
  try {
    if (alone === undefined) await side(ways);
    else await only(ways, alone);
  } finally {
    clients.kill();
    await Promise.all([guarded.close(), plain.close(), throughPassport.close(), issuer.stop()]);
  }
}

interface Way {
  readonly name: string;
  readonly run: (requests: number) => Promise<Served>;
}

/** Microseconds per request. */
interface Served {
  readonly 'main CPU': number;
  readonly wall: number;
}

async function served(clients: ChildProcess, load: Load): Promise<Served> {
  const { main, wall } = await spent(async () => {
    clients.send(load);
    await once(clients, 'message');
  });
  return { 'main CPU': main / load.requests, wall: wall / load.requests };
}

async function side(ways: readonly Way[]): Promise<void> {
  const samples = await compare({
    title: `GET {"message":"hello"} on Fastify, ${CONNECTIONS} connections, ${TOKENS} seen tokens`,
    unit: 'µs',
    contenders: ways.map(({ name, run }) => ({ name, run: async () => ({ ...(await run(REQUESTS)) }) })),
    columns: [
      { metric: 'main CPU', against: BARE },
      { metric: 'main CPU', against: HANDWRITTEN },
      { metric: 'wall', against: BARE },
    ],
    rounds: 15,
  });
  const cost = (name: string, without: string): string =>
    (median(values(samples, name, 'main CPU')) - median(values(samples, without, 'main CPU'))).toFixed(1);
  console.log(
    `Passport by itself: ${cost(PASSPORT, BARE)} µs; our door more than our guard: ${cost(THROUGH_PASSPORT, OURS)} µs`,
  );
  for (const name of [PUBLIC, HANDWRITTEN, OURS]) {
    const share = 1 - median(ratios(samples, 'main CPU', BARE, name));
    const rate = 1e6 / median(values(samples, name, 'wall'));
    console.log(
      `${name}: ${(100 * share).toFixed(0)} % of the request's CPU is the guard; ${rate.toFixed(0)} requests/s`,
    );
  }
}

/** For a profiler. */
async function only(ways: readonly Way[], name: string): Promise<void> {
  const way = ways.find((candidate) => candidate.name === name);
  if (way === undefined) throw new TypeError(`one of: ${ways.map((candidate) => candidate.name).join('; ')}`);
  await way.run(TOKENS);
  const each = await way.run(20 * REQUESTS);
  console.log(`${name}: ${each['main CPU'].toFixed(1)} µs of main CPU a request`);
}

async function tokens(issuer: TestIssuer): Promise<readonly string[]> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    client_id: 'Qm9xYmVuY2hDbGllbnRJZDAwMDE',
    exp: now + 3600,
    auth_time: now - 60,
    acr: 'urn:example:password',
    amr: ['pwd', 'otp'],
    scope: `openid profile email ${PERMISSION} create:items update:items delete:items`,
    permissions: [PERMISSION, 'create:items', 'update:items', 'delete:items'],
    org_id: 'org_8Zs0pXqLwYtR3v1N',
  };
  const numbers = Array.from({ length: TOKENS }, (_, number) => number.toString(16).padStart(24, '0'));
  return Promise.all(
    numbers.map((number) =>
      issuer.accessToken({ ...claims, sub: `auth0|${number}`, sid: `session-${number}` }),
    ),
  );
}

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { devDependencies }: Manifest = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
printMachine({ nest: devDependencies['@nestjs/core'] ?? '', fastify: devDependencies['fastify'] ?? '' });
await wholeRequest(process.argv[2]);
