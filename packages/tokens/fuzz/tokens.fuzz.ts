import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { properties } from '../test/properties/all.ts';

/** For all properties together. */
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 60);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
if (!(seconds > 0) || !Number.isSafeInteger(seed))
  throw new TypeError('FUZZ_SECONDS must be above 0, and FUZZ_SEED a whole number');

const { each, end } = await properties();
afterAll(end);
process.stdout.write(`fuzzing for ${seconds} s; the same again: FUZZ_SEED=${seed}\n`);

describe('for whatever is sent', () => {
  it.each([...each])('%s', async (sentence, property) => {
    const outcome = await fc.check(property, {
      seed,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: (seconds / each.size) * 1000,
    });
    process.stdout.write(`${sentence}: ${outcome.numRuns} cases\n`);
    expect(outcome.failed, fc.defaultReportMessage(outcome)).toBe(false);
  });
});
