import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { administrate } from '../src/administrate.ts';
import { openDatabase } from '../src/database/database.ts';
import { artifact } from '../src/database/schema.ts';
import { readSettings } from '../src/settings.ts';
import { startIdentity } from '../src/start-identity.ts';
import { ADMIN, freePort, GUEST, startForTest, temporaryDirectory } from './support/identity.ts';
import { authorization, logIn } from './support/login.ts';

// Each start of the app opens a database; several in one test add up on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

describe('the seeded passwords', () => {
  it('are shown when they are made and never again; reset-seed makes new ones', async () => {
    const directory = temporaryDirectory();
    const AUDIT_ANCHOR_FILE = join(directory, 'anchor.jsonl');
    const environment = { DATA_DIR: directory, LOG_LEVEL: 'silent', AUDIT_ANCHOR_FILE };
    const port = async () => ({ IDENTITY_PORT: String(await freePort()) });
    const first = await startIdentity(readSettings({ ...environment, ...(await port()) }));
    const shown = first.notices?.join('\n') ?? '';
    const password = /admin@example\.com with (\S+)/.exec(shown)?.[1] ?? '';
    expect(password).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
    await logIn(first.url, { email: ADMIN.email, password });
    await first.stop();

    const second = await startIdentity(readSettings({ ...environment, ...(await port()) }));
    const later = second.notices?.join('\n') ?? '';
    expect(later).not.toContain(password);
    expect(later).toContain('admin@example.com');
    expect(later).toContain('npm run identity reset-seed');
    await second.stop();

    const printed = await administrate('reset-seed', environment);
    const fresh = /admin@example\.com: (\S+)/.exec(printed)?.[1] ?? '';
    const third = await startIdentity(readSettings({ ...environment, ...(await port()) }));
    await logIn(third.url, { email: ADMIN.email, password: fresh });
    await expect(logIn(third.url, { email: ADMIN.email, password })).rejects.toThrow('login failed');
    await third.stop();
    const database = allFiles(join(environment.DATA_DIR, 'identity'));
    for (const secret of [password, fresh]) expect(database.includes(secret)).toBe(false);

    const audit = (...args: string[]) => {
      let written = '';
      const write = (text: string) => (written += text);
      return administrate('audit', environment, { args, write }).then((end) => written + end);
    };
    const exported = await audit('export');
    expect(exported).toMatch(/"subject":"seed"[^\n]*"action":"seed"/);
    expect(exported).toMatch(/"subject":"terminal"[^\n]*"action":"user.password.change"[^\n]*"code":"scp"/);
    expect(exported).toContain('"action":"user.sessions.end"');
    for (const secret of [password, fresh]) expect(exported).not.toContain(secret);
    expect(await audit('verify')).toMatch(/The audit is whole: \d+ entries.*agrees with \d+ checkpoints/);
  });

  it('set by the environment are not shown', async () => {
    const identity = await startForTest();
    expect(identity.notices?.join('\n')).not.toContain(ADMIN.password);
    expect(identity.notices?.join('\n')).not.toContain(GUEST.password);
    await identity.stop();
  });
});

describe('what lies on the disk', () => {
  it('holds no token, code or session identifier that could be presented', async () => {
    const identity = await startForTest();
    const { tokens, browser } = await logIn(identity.url, ADMIN);
    const opaque = await logIn(identity.url, ADMIN, { audience: '' });
    const unfinished = await browser.get(authorization(identity.url, { prompt: 'login' }).url);
    const interaction = unfinished.headers.get('location')?.split('/').at(-1);
    await identity.stop();
    const database = await openDatabase(identity.settings.directory);
    const rows = JSON.stringify(await database.db.select().from(artifact));
    await database.close();
    expect(rows).toContain('wab-dashboard');
    const session = browser.cookie('portcullis.identity.session');
    for (const secret of [tokens.refresh_token, opaque.tokens.access_token, session, interaction]) {
      expect(secret).toEqual(expect.any(String));
      expect(rows).not.toContain(secret);
    }
    const secretFile = join(identity.settings.directory, 'key-encryption.secret');
    expect(statSync(secretFile).mode & 0o777).toBe(0o600);
  });
});

function allFiles(directory: string): Buffer {
  return Buffer.concat(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name))),
  );
}
