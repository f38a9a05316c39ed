import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { properties } from './properties/all.ts';

const RUNS = 500;
const { each, end } = await properties();
afterAll(end);

describe('for whatever is sent', () => {
  it.each([...each])('%s', async (_sentence, property) => {
    const outcome = await fc.check(property, { numRuns: RUNS });
    expect(outcome.failed, fc.defaultReportMessage(outcome)).toBe(false);
  });
});
