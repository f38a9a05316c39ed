import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { root, systemEnvironment } from './running-system.ts';

vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'portcullis-production-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** All that identity needs to start in earnest. */
const LIVE = {
  NODE_ENV: 'production',
  IDENTITY_URL: 'https://login.example.com/',
  KEY_ENCRYPTION_SECRET: 'jr5Wq0vT8mZk2Xc7Nb4Lf9Ha1Sd6Gy3Pu',
  SEED_ADMIN_PASSWORD: 'the kitchen opens at six',
  SEED_GUEST_PASSWORD: 'a table for two',
};

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Identity as a process, ended once it has said that it is ready. */
async function run(
  environment: Readonly<Record<string, string>>,
  argv: readonly string[] = ['apps/identity/dist/main.js'],
): Promise<Ended> {
  const child = spawn(process.execPath, argv, {
    cwd: root,
    env: { PATH: process.env['PATH'], ...(await systemEnvironment(directory)), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const read = (text: string): void => {
    output += text;
    if (output.includes('Ready at')) child.kill('SIGTERM');
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

let started: Ended;
beforeAll(async () => void (started = await run(LIVE)));

describe('development defaults do not reach production: the start ends with', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['IDENTITY_URL', { IDENTITY_URL: 'http://login.example.com/' }],
    ['IDENTITY_URL', { IDENTITY_URL: '' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: '' }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: 'a'.repeat(48) }],
    ['KEY_ENCRYPTION_SECRET', { KEY_ENCRYPTION_SECRET: '<the output of: openssl rand -base64 48>' }],
    ['SEED_ADMIN_PASSWORD', { SEED_ADMIN_PASSWORD: '' }],
    ['SEED_GUEST_PASSWORD', { SEED_GUEST_PASSWORD: '' }],
    ['SEED_GUEST_PASSWORD', { SEED_GUEST_PASSWORD: LIVE.SEED_ADMIN_PASSWORD }],
    ['SEED_MACHINE_SECRET', { SEED_MACHINE_SECRET: 'change-me-change-me-change-me-change-me' }],
    ['SEED_ADMIN_PASSWORD', { NODE_ENV: '', HOST: '0.0.0.0', SEED_ADMIN_PASSWORD: '' }],
    ['KEY_ENCRYPTION_SECRET', { NODE_ENV: '', KEY_ENCRYPTION_SECRET: '' }],
    ['AUDIT_ANCHOR_FILE', { AUDIT_ANCHOR_FILE: '/nowhere/anchor.jsonl' }],
  ])('a sentence that names %s: %o', async (name, spoiled) => {
    const { code, output } = await run({ ...LIVE, ...spoiled });
    expect(output).toContain(name);
    expect(code).toBe(1);
    const values = Object.values({ ...LIVE, ...spoiled }).filter(
      (value) => value.length > 20 && !value.startsWith('http'),
    );
    for (const value of values) expect(output.includes(value) && !value.startsWith('<')).toBe(false);
  });

  it('nothing, where everything is set: no default of the library’s is left, and no password is shown', () => {
    const { code, output } = started;
    expect(output).toContain('Ready at https://login.example.com/');
    expect(output).not.toMatch(/WARNING|quick start|devInteractions|change-me/i);
    for (const secret of [LIVE.KEY_ENCRYPTION_SECRET, LIVE.SEED_ADMIN_PASSWORD, LIVE.SEED_GUEST_PASSWORD])
      expect(output).not.toContain(secret);
    expect(code).toBe(0);
  });
});

describe('the command', () => {
  const identity = (...args: readonly string[]) => run(LIVE, ['apps/identity/bin/identity.js', ...args]);
  const secrets = {
    ORDERS_WEB_SECRET: 'w1x2y3z4'.repeat(5),
    ORDERS_ROBOT_SECRET: 'r1s2t3u4'.repeat(5),
    KIM_PASSWORD: 'a first password',
  };
  const apply = (environment: Readonly<Record<string, string>> = {}, ...flags: readonly string[]) =>
    run({ ...LIVE, ...secrets, ...environment }, [
      'apps/identity/bin/identity.js',
      'apply',
      'apps/identity/seed.example.yaml',
      ...flags,
    ]);

  it('applies a seed file to what was started here, and to nothing else', async () => {
    expect(await apply({}, '--dry-run')).toMatchObject({
      code: 0,
      output: expect.stringContaining('this was a dry run'),
    });
    expect(await apply()).toMatchObject({ code: 0, output: expect.stringContaining('+ role order-clerk') });
    const again = await apply();
    expect(again).toMatchObject({ code: 0, output: 'Everything is as the file says.\n' });
    const fresh = mkdtempSync(join(directory, 'fresh-'));
    expect(await apply({ DATA_DIR: fresh })).toMatchObject({
      code: 1,
      output: expect.stringContaining('start identity on it once'),
    });
  });

  it('walks the audit of what was started here, and prints it', async () => {
    const verified = await identity('audit', 'verify');
    expect(verified).toMatchObject({ code: 0, output: expect.stringContaining('The audit is whole') });
    const exported = await identity('audit', 'export', '--action', 'key');
    expect(exported.code).toBe(0);
    const lines = exported.output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { action: string });
    expect(lines.map(({ action }) => action)).toContain('key.create');
  });

  it('rotates keys', async () => {
    expect(await identity('rotate-keys')).toMatchObject({
      code: 0,
      output: expect.stringContaining('signing key'),
    });
    const exported = await identity('audit', 'export', '--actor', 'terminal', '--target', 'key');
    expect(exported.output).toContain('"action":"key.rotate"');
  });

  it.each<[string, readonly string[]]>([
    ['Usage: npx identity', []],
    ['Usage: npx identity', ['explode']],
    ['Usage: npx identity', ['audit', 'forget']],
    ['Usage: npx identity', ['audit', 'export', '--sinc', '2026']],
    ['--since is no date', ['audit', 'export', '--since', 'yesterday']],
    ['--after is no number', ['audit', 'export', '--after', 'x']],
    ['Which file?', ['apply']],
    ['cannot be read', ['apply', 'nowhere.yaml']],
    ['Which key?', ['revoke-key']],
    ['no signing key', ['revoke-key', 'unknown']],
  ])('says "%s" to %j', async (sentence, args) => {
    const { code, output } = await identity(...args);
    expect(output).toContain(sentence);
    expect(code).toBe(1);
  });
});
