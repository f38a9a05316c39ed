import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { median, printMachine } from '../scripts/measure.ts';
import type { Answered, Load } from './client.ts';
import { SCENARIOS, type Scenario, type Target } from './scenarios.ts';
import { PERMISSION } from './servers/hello.ts';
import { ServerProcess, type ServerName } from './server-process.ts';

const CONNECTIONS = 16;
const SEEN_TOKENS = 1000;
/** Requests. New tokens have to be minted one by one, so there are fewer. */
const REQUESTS = {
  seen: { warmUp: 20_000, measured: 20_000 },
  new: { warmUp: 4000, measured: 8000 },
} as const;
/** A server under full load that got less of its CPU than this shared it with somebody. */
const QUIET = 0.85;
const ATTEMPTS = 4;
const MEGABYTE = 2 ** 20;

/** One server, once, in a fresh process. */
interface Trial {
  /** Requests a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly resident: number;
  /** Milliseconds. */
  readonly started: number;
  /** Milliseconds of its CPU until it listened. */
  readonly startCpu: number;
  /** Requests a second of the server's own CPU, on all its threads. */
  readonly perCpu: number;
  readonly quiet: boolean;
}

interface Measure {
  readonly issuer: TestIssuer;
  readonly tokens: readonly string[];
  readonly warmUp: number;
  readonly measured: number;
}

type Trials = ReadonlyMap<ServerName, readonly Trial[]>;

async function measured(scenario: Scenario, rounds: number): Promise<Trials> {
  const issuer = await createTestIssuer({ algorithm: scenario.algorithm });
  const requests = REQUESTS[scenario.tokens];
  const tokens = await minted(
    issuer,
    scenario.tokens === 'seen' ? SEEN_TOKENS : requests.warmUp + requests.measured,
  );
  const measure = { issuer, tokens, ...requests };
  const trials = new Map<ServerName, Trial[]>(scenario.servers.map((name) => [name, []]));
  try {
    for (let round = 0; round < rounds; round++) {
      // Each goes first as often as it goes last.
      const order = round % 2 === 0 ? scenario.servers : scenario.servers.toReversed();
      for (const name of order) trials.get(name)?.push(await undisturbed(name, measure));
    }
  } finally {
    await issuer.stop();
  }
  return trials;
}

/** A busy moment of the machine is repeated; the last one is taken as it is, and said. */
async function undisturbed(name: ServerName, measure: Measure): Promise<Trial> {
  for (let attempt = 1; ; attempt++) {
    const trial = await tried(name, measure);
    if (trial.quiet || attempt === ATTEMPTS) return trial;
  }
}

async function tried(name: ServerName, { issuer, tokens, warmUp, measured: count }: Measure): Promise<Trial> {
  const clients = fork(new URL('client.ts', import.meta.url), { execArgv: [] });
  clients.send(tokens);
  const server = await ServerProcess.start(name, issuer);
  try {
    const { cpu: startCpu } = await server.spent();
    const load = { port: server.port, path: '/protected', connections: CONNECTIONS };
    await asked(clients, { ...load, from: 0, requests: warmUp });
    const before = await server.spent();
    const { wall, p99 } = await asked(clients, { ...load, from: warmUp, requests: count });
    const { cpu, resident } = await server.spent();
    const seconds = (cpu - before.cpu) / 1e6;
    return {
      rate: count / (wall / 1000),
      p99,
      resident: resident / MEGABYTE,
      started: server.started,
      startCpu: startCpu / 1000,
      perCpu: count / seconds,
      quiet: seconds / (wall / 1000) >= QUIET,
    };
  } finally {
    clients.kill();
    await server.stop();
  }
}

async function asked(clients: ChildProcess, load: Load): Promise<Answered> {
  clients.send(load);
  const [answered]: unknown[] = await once(clients, 'message');
  return answered as Answered;
}

async function minted(issuer: TestIssuer, count: number): Promise<readonly string[]> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { client_id: 'bench', exp: now + 7200, scope: PERMISSION, permissions: [PERMISSION] };
  const tokens: string[] = [];
  for (let number = 0; number < count; number++)
    tokens.push(await issuer.accessToken({ ...claims, sub: `auth0|${String(number).padStart(24, '0')}` }));
  return tokens;
}

function print({ name, algorithm, tokens, targets }: Scenario, trials: Trials): void {
  console.log(`\n## ${name}: ${algorithm}, ${tokens} tokens, GET /protected, ${CONNECTIONS} connections\n`);
  for (const [server, all] of trials) {
    const of = (metric: keyof Omit<Trial, 'quiet'>) => median(all.map((trial) => trial[metric]));
    const busy = all.filter(({ quiet }) => !quiet).length;
    console.log(
      [
        server.padEnd(13),
        `${of('rate').toFixed(0).padStart(6)}/s`,
        `${of('perCpu').toFixed(0).padStart(6)} per CPU second`,
        `p99 ${of('p99').toFixed(2).padStart(6)} ms`,
        `${of('resident').toFixed(0).padStart(4)} MB`,
        `starts in ${of('started').toFixed(0).padStart(5)} ms (${of('startCpu').toFixed(0)} ms of CPU)`,
        busy > 0 ? `(${busy} of ${all.length} rounds busy)` : '',
      ].join('  '),
    );
  }
  console.log();
  for (const target of targets) console.log(verdict(target, trials));
}

function verdict(target: Target, trials: Trials): string {
  const { metric, of, against, least, most } = target;
  const reference = trials.get(against) ?? [];
  const pairs = (trials.get(of) ?? []).flatMap((trial, round) => {
    const other = reference[round];
    if (other === undefined) return [];
    return metric === 'resident' ? [trial.resident - other.resident] : [trial[metric] / other[metric]];
  });
  const found = median(pairs);
  const range = `${Math.min(...pairs).toFixed(2)}–${Math.max(...pairs).toFixed(2)}`;
  const said = `${metric} of ${of}: ${found.toFixed(2)}${metric === 'resident' ? ' MB more than' : ' ×'} ${against} (${range})`;
  if (least === undefined && most === undefined) return `        ${said}`;
  const met = found >= (least ?? -Infinity) && found <= (most ?? Infinity);
  const bound = least === undefined ? `at most ${most}` : `at least ${least}`;
  return `${met ? 'met   ' : 'MISSED'}  ${said}, ${bound}`;
}

const [wanted, rounds = '7'] = process.argv.slice(2);
const chosen = SCENARIOS.filter(({ name }) => wanted === undefined || name.startsWith(wanted));
if (chosen.length === 0) {
  console.error(`One of: ${SCENARIOS.map(({ name }) => name).join(', ')}; then a number of rounds.`);
  process.exit(1);
}
printMachine({});
console.log(
  `${rounds} rounds, each server in a fresh process each time; medians of the rounds' ratios (least–most)`,
);
for (const scenario of chosen) print(scenario, await measured(scenario, Number(rounds)));
