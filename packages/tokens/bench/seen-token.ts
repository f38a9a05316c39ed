import { hash } from 'node:crypto';
import { compare, OURS, spent, type Contender, type Sample } from '../../../scripts/measure.ts';
import { received, withTrial, type MintedToken, type Trial } from './trial.ts';
import { fastJwt, jose, ours, type TokenVerifier } from './verifiers.ts';

const STRING = 'the string alone';
const SHA = 'SHA-256 + Map';
const FAST = 'fast-jwt, cache';

/** What a token costs that was verified before. */
export async function seenToken(): Promise<void> {
  for (const count of [1, 100, 5000]) await withTrial('RS256', count, measure);
}

async function measure(trial: Trial): Promise<void> {
  const own = ours(trial);
  await own.renew();
  const string: TokenVerifier = { name: STRING, verify: received };
  const verifiers = [
    string,
    hashed(),
    own,
    fastJwt(trial, 2 * trial.tokens.length),
    fastJwt(trial),
    await jose(trial),
  ];
  for (const { verify } of verifiers) for (const token of trial.tokens) await verify(token);

  const atOnce = trial.tokens.filter((token) => !(own.verify(token) instanceof Promise)).length;
  await compare({
    title: `A seen token, one of ${trial.tokens.length} (RS256, ${trial.tokens[0]?.header.length} bytes)`,
    unit: 'µs',
    contenders: verifiers.map((verifier) => contender(verifier, trial.tokens)),
    columns: [
      { metric: 'main CPU', against: SHA, most: 1 },
      { metric: 'main CPU', against: FAST, most: 0.4 },
    ],
    floor: STRING,
    rounds: 21,
  });
  console.log(`Answered without a promise by ${OURS}: ${atOnce} of ${trial.tokens.length}.`);
  own.close();
}

/** What a guard written by hand would do. */
function hashed(): TokenVerifier {
  const verdicts = new Map<string, string>();
  return {
    name: SHA,
    verify: (token) => {
      const digest = hash('sha256', received(token), 'base64url');
      const known = verdicts.get(digest);
      if (known === undefined) verdicts.set(digest, digest);
      return known;
    },
  };
}

function contender(
  { name, isPeer = false, verify }: TokenVerifier,
  tokens: readonly MintedToken[],
): Contender {
  // Requests come in no order, and each finds its token's entry cold.
  const order = shuffled(tokens);
  return { name, isPeer, run: () => timed(order, verify) };
}

const BUDGET = 40; // milliseconds a round

/** Main-thread CPU and not the clock: a call of a microsecond is lost in what else the machine does. */
async function timed(tokens: readonly MintedToken[], verify: TokenVerifier['verify']): Promise<Sample> {
  const end = performance.now() + BUDGET;
  let calls = 0;
  const { main } = await spent(async () => {
    do {
      for (const token of batch(tokens, calls)) {
        const answer = verify(token);
        if (answer instanceof Promise) await answer;
      }
      calls += BATCH;
    } while (performance.now() < end);
  });
  return { 'main CPU': main / calls };
}

const BATCH = 100;

/** The next tokens of an endless ring. */
function* batch(tokens: readonly MintedToken[], start: number): Generator<MintedToken> {
  for (let index = start; index < start + BATCH; index++) {
    const token = tokens[index % tokens.length];
    if (token) yield token;
  }
}

function shuffled(tokens: readonly MintedToken[]): readonly MintedToken[] {
  return tokens
    .map((token) => ({ token, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ token }) => token);
}
