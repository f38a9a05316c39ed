import { and, eq, gt } from 'drizzle-orm';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteExpired } from '../src/artifacts/artifact-sweep.ts';
import { ArtifactAdapter } from '../src/artifacts/artifact.adapter.ts';
import { RefreshRotation } from '../src/artifacts/refresh-rotation.ts';
import { SYSTEM } from '../src/changes/actor.ts';
import { ChangeLog } from '../src/changes/change-log.ts';
import { takeOneTimeValuesOnce } from '../src/provider/one-time-values.ts';
import { openDatabase } from '../src/database/database.ts';
import { artifact, denial } from '../src/database/schema.ts';
import { Revocations } from '../src/revocation/revocations.ts';
import { temporaryDirectory } from './support/identity.ts';

let database: Awaited<ReturnType<typeof openDatabase>>;
let changes: ChangeLog;

beforeAll(async () => {
  database = await openDatabase(temporaryDirectory());
  changes = new ChangeLog(database.db, { longestToken: 600 });
  await changes.open();
});
afterAll(() => database.close());

const adapter = (model: string) =>
  new ArtifactAdapter(model, database.db, {
    rotation: new RefreshRotation(database.db, { leeway: 10 }),
    revocations: new Revocations(database.db, changes),
  });

describe.each(['Session', 'Grant'])('a %s that was ended', (model) => {
  it('is not brought back by a request that read it before and saves it after', async () => {
    const store = adapter(model);
    const payload = { uid: `${model}-uid`, accountId: 'somebody' };
    await store.upsert('id', payload, 60);
    expect(await store.find('id')).toMatchObject(payload);
    await store.destroy('id');
    await store.upsert('id', payload, 60);
    expect(await store.find('id')).toBeUndefined();
    expect(await store.findByUid(payload.uid)).toBeUndefined();
  });
});

describe('a session saved by two requests at once', () => {
  it('keeps what either of them recorded', async () => {
    const store = adapter('Session');
    const first = { 'wab-dashboard': { sid: 'a', grantId: 'b' } };
    const second = { 'supper-club': { sid: 'c', grantId: 'd' } };
    await store.upsert('shared', { uid: 'shared', authorizations: first }, 60);
    await store.upsert('shared', { uid: 'shared', authorizations: second }, 60);
    expect(await store.find('shared')).toMatchObject({ authorizations: { ...first, ...second } });
  });
});

describe('a code that was used', () => {
  it('stays used when it is saved again', async () => {
    const store = adapter('AuthorizationCode');
    await store.upsert('code', { clientId: 'wab-dashboard' }, 60);
    await store.consume('code');
    await store.upsert('code', { clientId: 'wab-dashboard' }, 60);
    expect(await store.find('code')).toHaveProperty('consumed');
    await expect(store.consume('code')).rejects.toThrow('invalid_grant');
  });
});

describe('a one-time value', () => {
  it('is taken once', async () => {
    const store = adapter('ReplayDetection');
    await store.upsert('jti', {}, 60);
    await expect(store.upsert('jti', {}, 60)).rejects.toThrow('invalid_request');
  });

  it('is taken once of twenty at a time, and remembered for longer than a proof dated ahead is good', async () => {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const provider = new Provider('http://localhost:4000/', {
      adapter,
      jwks: { keys: [await exportJWK(privateKey)] },
      features: { devInteractions: { enabled: false } },
    });
    takeOneTimeValuesOnce(provider);
    const now = Math.floor(Date.now() / 1000);
    const take = () => provider.ReplayDetection.unique('client', 'proof', now + 300);
    const taken = await Promise.all(Array.from({ length: 20 }, take));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await take()).toBe(false);
    const [row] = await database.db
      .select()
      .from(artifact)
      .where(
        and(eq(artifact.model, 'ReplayDetection'), gt(artifact.expiresAt, new Date((now + 599) * 1000))),
      );
    expect(row).toBeDefined();
  });
});

describe('what has expired', () => {
  it('is swept, and what has not is left', async () => {
    const store = adapter('AuthorizationCode');
    await store.upsert('expired', { clientId: 'wab-dashboard' }, -1);
    await store.upsert('living', { clientId: 'wab-dashboard' }, 60);
    expect(await deleteExpired(database.db)).toBe(1);
    expect(await store.find('expired')).toBeUndefined();
    expect(await store.find('living')).toBeDefined();
  });
});

describe('the change log', () => {
  it('is trimmed of nothing that may still concern a token', async () => {
    const number = await changes.write(SYSTEM, (_tx, record) =>
      record({
        action: 'test',
        target: { kind: 'test', id: '1' },
        denies: [{ by: 'token', value: 'jti' }],
      }),
    );
    await changes.trim();
    const kept = await database.db.select().from(denial).where(eq(denial.number, number));
    expect(kept).toHaveLength(1);
  });
});
