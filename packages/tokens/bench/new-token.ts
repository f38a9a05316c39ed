import { compare, spent, type Contender, type Sample } from '../../../scripts/measure.ts';
import { inLanes } from './lanes.ts';
import { withTrial, type MintedToken, type Trial } from './trial.ts';
import { BARE, bare, bareP1363, fastJwt, jose, ours, pooled, type TokenVerifier } from './verifiers.ts';

const TOKENS = 4000;
const MANY = 32; // at a time

/** The most that ours may need, as multiples of a synchronous verification. */
const TARGETS: Readonly<Partial<Record<Trial['algorithm'], { main: number; total: number }>>> = {
  RS256: { main: 0.7, total: 1.8 },
  ES256: { main: 0.35, total: 1.3 },
  EdDSA: { main: 0.35, total: 1.3 },
};

/** What a token costs that nobody has seen before. */
export async function newToken(): Promise<void> {
  for (const algorithm of ['RS256', 'ES256', 'EdDSA', 'PS256'] as const)
    await withTrial(algorithm, TOKENS, measure);
}

async function measure(trial: Trial): Promise<void> {
  const own = ours(trial);
  const verifiers = [
    bare(trial),
    ...(trial.algorithm === 'ES256' ? [bareP1363(trial)] : []),
    pooled(trial),
    own,
    await jose(trial),
    fastJwt(trial),
  ];
  for (const lanes of [MANY, 1]) {
    // Alone, a token pays for the way to the pool and back: the bare pooled call itself misses targets then.
    const target = lanes === MANY ? TARGETS[trial.algorithm] : undefined;
    await compare({
      title: `A new token: ${trial.algorithm}, ${lanes} at a time (${TOKENS} a round)`,
      unit: 'µs',
      contenders: verifiers.map((verifier) => contender(verifier, trial.tokens, lanes)),
      columns: [
        { metric: 'main CPU', against: BARE, ...(target && { most: target.main }) },
        { metric: 'total CPU', against: BARE, ...(target && { most: target.total }) },
        { metric: 'wall', against: BARE },
      ],
    });
  }
  own.close();
}

function contender(verifier: TokenVerifier, tokens: readonly MintedToken[], lanes: number): Contender {
  const { name, isPeer = false, verify } = verifier;
  return {
    name,
    isPeer,
    prepare: async () => verifier.renew?.(),
    async run(): Promise<Sample> {
      const { main, total, wall } = await spent(() => inLanes(tokens, lanes, verify));
      const each = tokens.length;
      return { 'main CPU': main / each, 'total CPU': total / each, wall: wall / each };
    },
  };
}
