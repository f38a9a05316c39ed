import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { compare, type Contender } from '../../../scripts/measure.ts';
import { inLanes } from './lanes.ts';
import { withTrial, type MintedToken } from './trial.ts';
import { BARE, bare, fastJwt, jose, ours, pooled, type TokenVerifier } from './verifiers.ts';

const TOKENS = 2000;
const LANES = 64;
const RESOLUTION = 1; // millisecond; the delay of a loop that does nothing is about this

/** How long everybody else waits while new tokens come in on many connections. */
export async function eventLoop(): Promise<void> {
  await withTrial('RS256', TOKENS, async (trial) => {
    const own = ours(trial);
    const idle: TokenVerifier = { name: 'nothing', verify: () => undefined };
    const verifiers = [idle, bare(trial), pooled(trial), own, await jose(trial), fastJwt(trial)];
    await compare({
      title: `Delay of the event loop: ${TOKENS} new RS256 tokens, ${LANES} at a time`,
      unit: 'ms',
      contenders: verifiers.map((verifier) => contender(verifier, trial.tokens)),
      columns: [
        { metric: 'longest', against: BARE },
        { metric: 'typical', against: BARE },
      ],
    });
    own.close();
  });
}

function contender(verifier: TokenVerifier, tokens: readonly MintedToken[]): Contender {
  const { name, isPeer = false, verify } = verifier;
  return {
    name,
    isPeer,
    prepare: async () => verifier.renew?.(),
    async run() {
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
      delay.enable();
      await inLanes(tokens, LANES, async (token) => {
        await nextTurn(); // as a request comes: from the loop, not from the answer before it
        await verify(token);
      });
      delay.disable();
      return { longest: delay.max / 1e6, typical: delay.percentile(50) / 1e6 };
    },
  };
}
