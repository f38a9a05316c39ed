import { eq } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import { openDatabase } from '../src/database/database.ts';
import { user } from '../src/database/schema.ts';
import { startIdentity } from '../src/start-identity.ts';
import { Browser } from './support/browser.ts';
import { GUEST, startForTest } from './support/identity.ts';
import { authorization, authorize, logIn, refresh } from './support/login.ts';

// Each start of the app opens a database; several in one test add up on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('a blocked user', () => {
  it('can neither log in, nor refresh, nor use the session that is still there', async () => {
    const first = await startForTest();
    const { tokens, browser } = await logIn(first.url, GUEST);
    await first.stop();
    const database = await openDatabase(first.settings.directory);
    await database.db.update(user).set({ blocked: true }).where(eq(user.email, GUEST.email));
    await database.close();

    const identity = await startIdentity(first.settings);
    expect((await refresh(identity.url, tokens.refresh_token ?? '')).status).toBe(403);
    const silent = await browser.get(authorization(identity.url, { prompt: 'none' }).url);
    expect(silent.headers.get('location')).toMatch(/error=login_required/);
    const login = await authorize(new Browser(identity.url), authorization(identity.url).url, GUEST);
    expect(login.status).toBe(401);
    await identity.stop();
  });
});
