import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SignatureInvalid } from '@portcullis/tokens';
import { inLanes } from './lanes.ts';
import { withTrial, type MintedToken } from './trial.ts';
import { ours } from './verifiers.ts';

const GOOD = 1000;
const JUNK = 100_000;
const LANES = 64;

/** What tokens that nobody signed do to the memory of those that somebody did. */
export async function hostile(): Promise<void> {
  await withTrial('RS256', GOOD, async (trial) => {
    const own = ours(trial);
    await own.renew();
    await inLanes(trial.tokens, LANES, own.verify);

    const before = await heap();
    let refused = 0;
    await inLanes(forged(trial.tokens), LANES, async (token) => {
      try {
        await own.verify(token);
      } catch (error) {
        if (!(error instanceof SignatureInvalid)) throw error;
        refused++;
      }
    });
    const growth = (await heap()) - before;

    const atOnce = trial.tokens.filter((token) => !(own.verify(token) instanceof Promise)).length;
    console.log(`\n## ${JUNK} distinct tokens with a bad signature, after ${GOOD} good ones\n`);
    console.log(`refused: ${refused} of ${JUNK}`);
    console.log(
      `heap: ${(growth / 1024).toFixed(0)} KiB more, ${(growth / JUNK).toFixed(2)} bytes a junk token`,
    );
    console.log(`good tokens still answered without a promise: ${atOnce} of ${GOOD}`);
    own.close();
  });
}

function* forged(tokens: readonly MintedToken[]): Generator<MintedToken> {
  for (let index = 0; index < JUNK; index++) {
    const token = tokens[index % tokens.length];
    if (token) yield { ...token, header: resigned(token) };
  }
}

function resigned({ signingInput }: MintedToken): Buffer {
  const signature = randomBytes(256);
  signature[0] = 0; // below the modulus, or it would be refused before any arithmetic
  return Buffer.from(`Bearer ${signingInput.toString()}.${signature.toString('base64url')}`);
}

/** Bytes, of what is alive. */
async function heap(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('run this with --expose-gc');
  globalThis.gc();
  await nextTurn(); // what is finalized between two collections goes with the second
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
