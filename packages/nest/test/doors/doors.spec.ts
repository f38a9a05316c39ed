import { createDpopClient, createTestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behaviours, KitchenController, publicUrl, reached, type Given } from './behaviour.ts';
import { exchange, type Answer } from './exchange.ts';
import { startDoor, type Cell, type StartedDoor } from './start-door.ts';

const reference: Cell = { door: 'guard', adapter: 'fastify' };
const cells: readonly Cell[] = [
  reference,
  { door: 'guard', adapter: 'express' },
  { door: 'passport', adapter: 'fastify' },
  { door: 'passport', adapter: 'express' },
  { door: 'middleware', adapter: 'fastify' },
  { door: 'middleware', adapter: 'express' },
];

let given: Given;
beforeAll(async () => {
  const [issuer, dead, client] = await Promise.all([
    createTestIssuer({ algorithm: 'ES256' }),
    createTestIssuer({ algorithm: 'ES256' }),
    createDpopClient(),
  ]);
  await dead.pause();
  given = { issuer, dead, client };
  return () => issuer.stop();
});

/** What a request comes to behind a door. */
interface Outcome {
  readonly answer: Answer;
  readonly handlers: readonly string[];
}

/** By the title of the behaviour, as the reference cell has it. */
const referenceOutcomes = new Map<string, Outcome>();

describe.each(cells)('$door on $adapter', (cell) => {
  let started: StartedDoor;
  beforeAll(async () => {
    const used = new Set<string>();
    started = await startDoor(cell, [KitchenController], {
      issuer: [given.issuer.issuer, given.dead.issuer],
      audience: given.issuer.audience,
      dpop: {
        publicUrl,
        algorithms: ['ES256', 'EdDSA'],
        replayStore: { remember: (key) => used.size < used.add(key).size },
      },
    });
  });
  afterAll(() => started.close());

  it.each(behaviours)('$title', async ({ title, request, answer, handler }) => {
    reached.length = 0;
    const outcome = {
      answer: withoutPace(await exchange(started.url, await request(given))),
      handlers: [...reached],
    };
    if (cell === reference) referenceOutcomes.set(title, outcome);
    expect(outcome).toEqual({ answer, handlers: handler === undefined ? [] : [handler] });
    expect(outcome).toEqual(referenceOutcomes.get(title));
  });
});

/** How many seconds to wait depends on how often the keys were asked for before. */
function withoutPace(answer: Answer): Answer {
  const { 'retry-after': pace } = answer;
  return pace !== undefined && /^[1-9]\d?$/.test(pace) ? { ...answer, 'retry-after': 'seconds' } : answer;
}
