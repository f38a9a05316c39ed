import { createLog, type Environment } from '@portcullis/service';
import { eq } from 'drizzle-orm';
import { decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Actor } from '../src/changes/actor.ts';
import { ChangeLog } from '../src/changes/change-log.ts';
import { openDatabase } from '../src/database/database.ts';
import { auditEntry, denial, resourceServer, signingKey } from '../src/database/schema.ts';
import { openKeyRing } from '../src/keys/open-key-ring.ts';
import type { KeyRing } from '../src/keys/key-ring.ts';
import { readSettings } from '../src/settings.ts';
import { temporaryDirectory } from './support/identity.ts';

const log = createLog({ name: 'test', level: 'silent' });
const ADMIN: Actor = { subject: 'an administrator' };
const [SECRET, NEWER] = ['s'.repeat(48), 'n'.repeat(48)];
const HOUR = 60 * 60 * 1000;

let database: Awaited<ReturnType<typeof openDatabase>>;
let changes: ChangeLog;
beforeAll(async () => {
  database = await openDatabase(temporaryDirectory());
  changes = new ChangeLog(database.db, { longestToken: 600 });
  await changes.open();
});
afterAll(() => database.close());
beforeEach(async () => void (await database.db.delete(signingKey)));

/** A node's ring on the one database. */
async function opened(environment: Environment = {}): Promise<KeyRing> {
  const settings = readSettings({ KEY_ENCRYPTION_SECRET: SECRET, ...environment });
  const secret = settings.keyEncryptionSecret ?? '';
  const ring = await openKeyRing({ settings, secret, db: database.db, changes, log });
  onTestFinished(ring.follow());
  return ring;
}

const ids = (ring: KeyRing): string[] => ring.published.map(({ kid }) => kid);
const states = async (ring: KeyRing) => (await ring.all()).map(({ state }) => state).toReversed();

/** As if everything had happened so long before. */
async function pass(milliseconds: number): Promise<void> {
  for (const row of await database.db.select().from(signingKey)) {
    const earlier = (at: Date | null): Date | null => at && new Date(at.getTime() - milliseconds);
    await database.db
      .update(signingKey)
      .set({
        createdAt: new Date(row.createdAt.getTime() - milliseconds),
        signsFrom: earlier(row.signsFrom),
        retiredAt: earlier(row.retiredAt),
        revokedAt: earlier(row.revokedAt),
      })
      .where(eq(signingKey.kid, row.kid));
  }
}

describe('a key', () => {
  it('is published before it signs, and until the last token it signed has expired', async () => {
    const ring = await opened();
    expect(await states(ring)).toEqual(['current', 'next']);
    const [first, second] = ids(ring);
    await pass(2 * HOUR);
    expect(await ring.rotate(ADMIN)).toBe(second);
    const [, third] = ids(ring);
    expect(ids(ring)).toEqual([second, third, first]);
    expect(await states(ring)).toEqual(['former', 'current', 'next']);

    await pass(24 * HOUR);
    await ring.tend();
    expect(ids(ring)).toContain(first); // an ID token of it may tell still who logs out
    await pass(2 * HOUR);
    await ring.tend();
    expect(ids(ring)).toEqual([second, third]);
    expect(await states(ring)).toEqual(['current', 'next']);
  });

  it('stays as long as the API whose tokens live longest', async () => {
    const ring = await opened();
    const [first] = ids(ring);
    const api = { id: 'rs_long', identifier: 'https://long.example.com', name: 'Long' };
    await database.db.insert(resourceServer).values({ ...api, tokenLifetime: 100 * 3600 });
    onTestFinished(async () => void (await database.db.delete(resourceServer)));
    await pass(2 * HOUR);
    await ring.rotate(ADMIN);
    await pass(100 * HOUR);
    await ring.tend();
    expect(ids(ring)).toContain(first);
  });

  it('that was published a moment ago waits until nobody can have an older key set', async () => {
    const ring = await opened({ KEY_LEAD: '10' });
    const [first, second] = ids(ring);
    await pass(5000);
    await ring.rotate(ADMIN);
    expect(ids(ring)[0]).toBe(first);
    expect(await ring.rotate(ADMIN)).toBe(second); // it is appointed already
    await expect.poll(() => ids(ring)[0], { timeout: 8000 }).toBe(second);
  });

  it('follows by itself once the one that signs has done so for long enough', async () => {
    const ring = await opened({ KEY_ROTATION: '30' });
    const [, second] = ids(ring);
    await pass(29 * 24 * HOUR);
    await ring.tend();
    expect(ids(ring)[0]).not.toBe(second);
    await pass(24 * HOUR);
    await ring.tend();
    expect(ids(ring)[0]).toBe(second);
    const [entry] = (
      await database.db.select().from(auditEntry).where(eq(auditEntry.action, 'key.rotate'))
    ).slice(-1);
    expect(entry).toMatchObject({ actor: 'system', targetId: second });
  });

  it('that is rotated by many at once is rotated once', async () => {
    const rings = await Promise.all([opened(), opened()]);
    await pass(2 * HOUR);
    const next = await Promise.all([...rings, ...rings].map((ring) => ring.rotate(ADMIN)));
    expect(new Set(next).size).toBeLessThanOrEqual(2); // the second of a pair finds the one after it appointed
    const [one, other] = rings;
    await expect.poll(() => ids(one)).toEqual(ids(other));
  });
});

describe('a revoked key', () => {
  it('is published nowhere any more, and the next signs in its place', async () => {
    const [one, other] = await Promise.all([opened(), opened()]);
    const [first = '', second] = ids(one);
    expect(ids(other)).toEqual(ids(one));
    expect(await one.revoke(ADMIN, first)).toBe(true);
    expect(ids(one)).toEqual([second, expect.any(String)]);
    await expect.poll(() => ids(other)).toEqual(ids(one)); // another node
    expect(await states(one)).toEqual(['revoked', 'current', 'next']);
    const [denied] = await database.db.select().from(denial).where(eq(denial.value, first));
    expect(denied).toMatchObject({ by: 'key' });
    expect(await one.revoke(ADMIN, first)).toBe(true);
    expect(await one.revoke(ADMIN, 'unknown')).toBe(false);
  });

  it('may be the one that waits, or one that has signed', async () => {
    const ring = await opened();
    const [first = '', second = ''] = ids(ring);
    await ring.revoke(ADMIN, second);
    expect(ids(ring)).toEqual([first, expect.any(String)]);
    await pass(2 * HOUR);
    await ring.rotate(ADMIN);
    await ring.revoke(ADMIN, first);
    expect(ids(ring)).not.toContain(first);
    expect(ids(ring)).toHaveLength(2);
  });
});

describe('a key that was appointed and is revoked before its turn', () => {
  it('leaves the one that signs at work for as long as it has no other to follow it', async () => {
    const ring = await opened();
    const [first, second = ''] = ids(ring);
    await ring.rotate(ADMIN);
    await ring.revoke(ADMIN, second);
    await pass(100 * HOUR);
    await ring.tend();
    expect(ids(ring)).toEqual([first, expect.any(String)]);
    expect(ring.published[0]?.d).toEqual(expect.any(String));
    expect((await ring.all()).find(({ kid }) => kid === first)).toMatchObject({
      state: 'current',
      retiredAt: null,
    });
  });
});

describe('the secret that encrypts the keys', () => {
  it('can be changed: what the former one encrypted is encrypted anew', async () => {
    const before = await opened();
    await expect(opened({ KEY_ENCRYPTION_SECRET: NEWER })).rejects.toThrow('KEY_ENCRYPTION_SECRET_FORMER');
    const both = { KEY_ENCRYPTION_SECRET: NEWER, KEY_ENCRYPTION_SECRET_FORMER: SECRET };
    expect(ids(await opened(both))).toEqual(ids(before));
    expect(ids(await opened({ KEY_ENCRYPTION_SECRET: NEWER }))).toEqual(ids(before));
    await expect(opened()).rejects.toThrow('KEY_ENCRYPTION_SECRET');
  });

  it('leaves nodes that have only the former one at work until they are restarted', async () => {
    const old = await opened();
    const [first, second] = ids(old);
    const fresh = await opened({ KEY_ENCRYPTION_SECRET: NEWER, KEY_ENCRYPTION_SECRET_FORMER: SECRET });
    await pass(2 * HOUR);
    await fresh.rotate(ADMIN);
    await pass(2 * HOUR);
    await fresh.rotate(ADMIN);
    // It cannot sign with the newest, so it goes on with one that is published everywhere.
    await expect.poll(() => ids(old).toSorted()).toEqual(ids(fresh).toSorted());
    expect([first, second]).toContain(old.published[0]?.kid);
    expect(old.published[0]?.d).toEqual(expect.any(String));
  });

  it('that is the former one alone does not keep a revoked key in use', async () => {
    const old = await opened();
    const fresh = await opened({ KEY_ENCRYPTION_SECRET: NEWER, KEY_ENCRYPTION_SECRET_FORMER: SECRET });
    const known = ids(old);
    for (const kid of known) await fresh.revoke(ADMIN, kid);
    await expect.poll(() => ids(old).filter((kid) => known.includes(kid))).toEqual([]);
    expect(old.published.filter(({ d }) => d !== undefined)).toEqual([]); // it signs nothing until it is restarted
    expect(ids(fresh)).toHaveLength(2);
  });

  it('is nowhere, and nor is a private key', async () => {
    const ring = await opened();
    const kept = JSON.stringify(await database.db.select().from(signingKey));
    for (const { d, p } of ring.published)
      for (const part of [d, p]) expect(kept).not.toContain(String(part));
    for (const { privateJwe } of await database.db.select().from(signingKey))
      expect(decodeProtectedHeader(privateJwe)).toMatchObject({ alg: 'dir', enc: 'A256GCM' });
    const audit = JSON.stringify(await database.db.select().from(auditEntry));
    for (const { d } of ring.published) expect(audit).not.toContain(String(d));
  });
});
