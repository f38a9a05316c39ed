import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SYSTEM } from '../src/changes/actor.ts';
import { ChangeLog } from '../src/changes/change-log.ts';
import type { Denial } from '../src/changes/change.ts';
import { openDatabase } from '../src/database/database.ts';
import { denial } from '../src/database/schema.ts';
import { Denials, type Deniable } from '../src/revocation/denials.ts';
import { temporaryDirectory } from './support/identity.ts';

let database: Awaited<ReturnType<typeof openDatabase>>;
let denials: Denials;
const ISSUED = new Date('2026-11-24T12:00:00Z');

beforeAll(async () => {
  database = await openDatabase(temporaryDirectory());
  denials = new Denials(database.db);
  const deny = async (longestToken: number, denies: readonly Denial[]) => {
    const changes = new ChangeLog(database.db, { longestToken });
    await changes.open();
    await changes.write(SYSTEM, (_tx, record) =>
      record({ action: 'test.deny', target: { kind: 'test', id: 'test' }, denies }),
    );
  };
  await deny(600, [
    { by: 'token', value: 'a-token' },
    { by: 'session', value: 'a-session' },
    { by: 'grant', value: 'a-grant' },
    { by: 'client', value: 'a-client' },
    { by: 'subject', value: 'somebody', issuedUntil: ISSUED },
  ]);
  await deny(600, [{ by: 'token', value: 'long-over' }]);
  await database.db
    .update(denial)
    .set({ expiresAt: new Date(Date.now() - 1000) })
    .where(eq(denial.value, 'long-over'));
});
afterAll(() => database.close());

const GOOD: Deniable = {
  token: 'other-token',
  session: 'other-session',
  grant: 'other-grant',
  subject: 'somebody-else',
  client: 'other-client',
  issuedAt: ISSUED,
};
const seconds = (after: number) => new Date(ISSUED.getTime() + after * 1000);

describe('an access token', () => {
  it.each<[string, Partial<Deniable>, boolean]>([
    ['that nobody denied', {}, false],
    ['denied by itself', { token: 'a-token' }, true],
    ['denied by its session', { session: 'a-session' }, true],
    ['denied by its grant', { grant: 'a-grant' }, true],
    ['denied by its client', { client: 'a-client' }, true],
    ['of a user cut off, issued before', { subject: 'somebody', issuedAt: seconds(-60) }, true],
    ['issued in the second of the cut-off', { subject: 'somebody', issuedAt: seconds(0) }, true],
    ['issued by a clock that is a second ahead', { subject: 'somebody', issuedAt: seconds(1) }, true],
    ['issued to the same user later', { subject: 'somebody', issuedAt: seconds(2) }, false],
    ['without session and grant', { session: undefined, grant: undefined }, false],
    ['whose client has the name of a user cut off', { client: 'somebody', issuedAt: seconds(-60) }, false],
    ['whose session has the name of a token denied', { session: 'a-token' }, false],
    ['whose denial has outlived every token', { token: 'long-over' }, false],
  ])('%s', async (_name, spoiled, denied) => {
    expect(await denials.denies({ ...GOOD, ...spoiled })).toBe(denied);
  });
});
