import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SYSTEM } from '../src/changes/actor.ts';
import { ChangeLog } from '../src/changes/change-log.ts';
import { openDatabase } from '../src/database/database.ts';
import { artifact, logoutNotice } from '../src/database/schema.ts';
import { Revocations } from '../src/revocation/revocations.ts';
import { seed } from '../src/seeds/seed.ts';
import { addClient } from './support/clients.ts';
import { settingsFor } from './support/identity.ts';

let database: Awaited<ReturnType<typeof openDatabase>>;
let revocations: Revocations;

beforeAll(async () => {
  const settings = await settingsFor();
  database = await openDatabase(settings.directory);
  const changes = new ChangeLog(database.db, { longestToken: 60 });
  await changes.open();
  await seed(database.db, changes, settings.seeds);
  await addClient(database.db, { id: 'shop', backchannelLogoutUri: 'http://localhost:6060/logged-out' });
  revocations = new Revocations(database.db, changes);
});
afterAll(() => database.close());

beforeEach(async () => {
  await database.db.delete(logoutNotice);
  await database.db.delete(artifact);
  await database.db.insert(artifact).values([session('first', 'somebody'), session('second', 'somebody')]);
});

/** Of a client that listens for logouts, and of one that does not. */
const session = (uid: string, accountId: string): typeof artifact.$inferInsert => ({
  model: 'Session',
  idHash: uid,
  sessionUid: uid,
  accountId,
  payload: {
    uid,
    accountId,
    authorizations: {
      shop: { sid: `${uid}-at-shop`, grantId: `grant-${uid}` },
      'wab-dashboard': { sid: `${uid}-at-dashboard`, grantId: `other-grant-${uid}` },
    },
  },
});

const told = async () => {
  const notices = await database.db.select().from(logoutNotice).orderBy(logoutNotice.sid);
  return notices.map(({ clientId, sid, subject }) => [clientId, sid, subject]);
};

const FIRST = ['shop', 'first-at-shop', 'somebody'];
const SECOND = ['shop', 'second-at-shop', 'somebody'];

describe('whom to tell of a logout is written down when', () => {
  it('one session is ended', async () => {
    await revocations.endSession(SYSTEM, 'first');
    expect(await told()).toEqual([FIRST]);
  });

  it('everything of a user is', async () => {
    await revocations.endUser(SYSTEM, 'somebody');
    expect(await told()).toEqual([FIRST, SECOND]);
  });

  it('all of a user is but the session that asked for it', async () => {
    await revocations.endUser(SYSTEM, 'somebody', { exceptSession: 'second' });
    expect(await told()).toEqual([FIRST]);
  });

  it('and is not, when the change that ends it fails', async () => {
    const failing = new ChangeLog(database.db, { longestToken: 60 });
    const change = failing.write(SYSTEM, async (tx, record) => {
      await revocations.sessionEnded({ tx, record }, 'first');
      throw new Error('the rest of the change failed');
    });
    await expect(change).rejects.toThrow('the rest of the change failed');
    expect(await told()).toEqual([]);
  });
});
