import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  root,
  startSystem,
  systemEnvironment,
  type RunningSystem,
  type SystemEnvironment,
} from './running-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-'));
let environment: SystemEnvironment;
let system: RunningSystem;
beforeAll(async () => {
  environment = await systemEnvironment(join(folder, 'data'));
  system = startSystem(environment);
  await system.up;
}, 120_000);
afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true });
});

const address = (port: string | undefined, path = '/'): string => `http://localhost:${String(port)}${path}`;

describe('a first start', () => {
  it('says where everything is and who can log in', () => {
    const text = system.output();
    for (const port of [environment.IDENTITY_PORT, environment.PORT, environment.DASHBOARD_PORT])
      expect(text).toContain(address(port, ''));
    expect(text).toContain('admin@example.com');
    expect(text).toContain('guest@example.com');
  });

  it('has everything ready when it says so', async () => {
    const answers = await Promise.all([
      fetch(address(environment.IDENTITY_PORT, '/.well-known/openid-configuration')),
      fetch(address(environment.PORT, '/health/ready')),
      fetch(address(environment.DASHBOARD_PORT)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('listens on both loopback addresses', async () => {
    for (const host of ['127.0.0.1', '[::1]']) {
      const response = await fetch(`http://${host}:${environment.PORT}/health/live`);
      expect(response.status).toBe(200);
    }
  });

  it('writes no password into a log', () => {
    const passwords = Array.from(system.output().matchAll(/ with (\S{12,}) /g), (match) => match[1] ?? '');
    expect(passwords.length).toBe(2);
    for (const name of ['identity', 'menu-api', 'dashboard']) {
      const log = readFileSync(join(environment.DATA_DIR, 'logs', `${name}.log`), 'utf8');
      for (const password of passwords) expect(log).not.toContain(password);
    }
  });
});

describe('the API', () => {
  const linesOf = (message: string): readonly Record<string, unknown>[] =>
    readFileSync(join(environment.DATA_DIR, 'logs', 'menu-api.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"msg":"${message}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('writes an audit line for a denial, with the id that the request is logged under, and no credential', async () => {
    const headers = { authorization: 'Bearer audited.credential.here' };
    const response = await fetch(address(environment.PORT, '/api/whoami'), { headers });
    expect(response.status).toBe(401);
    await vi.waitFor(() => {
      const [audited] = linesOf('audit');
      expect(audited).toMatchObject({
        requestId: expect.any(String) as string,
        audit: { outcome: 'denied', handler: 'WhoamiController.whoami', method: 'GET', status: 401 },
      });
      const request = linesOf('request').find(({ requestId }) => requestId === audited?.['requestId']);
      expect(request).toMatchObject({ path: '/api/whoami', status: 401 });
    });
    expect(JSON.stringify(linesOf('audit'))).not.toContain('credential');
  });

  it('is measured where METRICS_PORT says', async () => {
    const text = await (await fetch(address(environment.METRICS_PORT, '/metrics'))).text();
    expect(text).toContain('portcullis_key_set_keys{issuer=');
  });
});

describe('a start that cannot be', () => {
  it('on data that another copy holds says so and ends with 1', async () => {
    const other = await systemEnvironment(environment.DATA_DIR);
    const second = startSystem(other);
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/Another process already runs on .*Stop that one, or set DATA_DIR/s);
    expect(second.output()).not.toContain('    at ');
  }, 60_000);

  it.each(['IDENTITY_PORT', 'PORT', 'DASHBOARD_PORT', 'METRICS_PORT'])(
    'on a busy %s names the variable and ends with 1',
    async (variable) => {
      const server = createServer().listen(0, 'localhost');
      await once(server, 'listening');
      const taken = server.address();
      if (taken === null || typeof taken === 'string') throw new Error('no port was given');
      const other = await systemEnvironment(join(folder, `busy-${variable}`));
      const second = startSystem({ ...other, [variable]: String(taken.port) });
      expect(await second.ended).toBe(1);
      server.close();
      expect(second.output()).toMatch(new RegExp(`Port ${taken.port} is already in use.*set ${variable} to`));
      expect(second.output()).not.toContain('    at ');
    },
    60_000,
  );

  it('on a folder that cannot be written says which and ends with 1', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const second = startSystem(await systemEnvironment(join(file, 'data')));
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/The folder .* cannot be written. Make it writable, or set DATA_DIR/);
  }, 60_000);
});

describe('a start through npm', () => {
  it('stops everything when npm alone is told to end', async () => {
    const own = await systemEnvironment(join(folder, 'npm'));
    const npm = spawn('npm', ['start', '--silent'], {
      cwd: root,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...own },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const chunk of npm.stdout) if (String(chunk).includes('Ctrl-C')) break;
    npm.kill('SIGTERM');
    await vi.waitFor(() => expect(fetch(address(own.PORT, '/health/live'))).rejects.toThrow('fetch failed'), {
      timeout: 15_000,
      interval: 200,
    });
  }, 60_000);
});

describe('a second start', () => {
  it('keeps the data, shows no password again, and everything stopped in between', async () => {
    const before = await (await fetch(address(environment.PORT, '/api/menu/items'))).text();
    expect(await system.stop('SIGINT')).toBe(0);
    for (const port of [environment.IDENTITY_PORT, environment.PORT, environment.DASHBOARD_PORT]) {
      await expect(fetch(address(port))).rejects.toThrow('fetch failed');
    }
    system = startSystem(environment);
    const text = await system.up;
    expect(await (await fetch(address(environment.PORT, '/api/menu/items'))).text()).toBe(before);
    expect(text).not.toMatch(/ with \S{12,} /);
    expect(text).toContain('reset-seed');
  }, 60_000);
});
