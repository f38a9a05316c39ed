import { afterAll, beforeAll } from 'vitest';
import { describeDoubleRedemption, slow } from './support/double-redemption.ts';
import { startForTest } from './support/identity.ts';

let identity: Awaited<ReturnType<typeof startForTest>>;

beforeAll(async () => {
  identity = await startForTest({}, { adapter: slow });
});
afterAll(() => identity.stop());

describeDoubleRedemption(() => [identity.url]);
