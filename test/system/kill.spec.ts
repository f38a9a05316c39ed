import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestIssuer, type TestIssuer } from '@portcullis/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, systemEnvironment, type SystemEnvironment } from './running-system.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-kill-'));
let issuer: TestIssuer;
let environment: SystemEnvironment;
beforeAll(async () => {
  issuer = await createTestIssuer({ audience: 'https://menu-api.example.com' });
  environment = await systemEnvironment(folder);
});
afterAll(async () => {
  await issuer.stop();
  rmSync(folder, { recursive: true });
});

async function startApi(): Promise<ChildProcess> {
  const child = fork(join(root, 'apps/menu-api/dist/main.js'), {
    env: { ...environment, ISSUER_URL: issuer.issuer, LOG_LEVEL: 'silent' },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  return child;
}

const items = (): string => `http://localhost:${environment.PORT}/api/menu/items`;

/** Writes until the server is gone; every acknowledged id goes into `acknowledged`. */
async function write(token: string, acknowledged: Set<string>): Promise<void> {
  const dish = {
    name: 'Tea',
    price: 199,
    tagline: '',
    description: 'Hot.',
    image: 'https://pictures.example/tea.png',
  };
  for (;;) {
    try {
      const response = await fetch(items(), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(dish),
      });
      const { id }: { id: string } = await response.json();
      acknowledged.add(id);
    } catch {
      return;
    }
  }
}

it('keeps every acknowledged dish over kill -9 in the middle of writing, five times', async () => {
  const token = await issuer.accessToken({ permissions: ['create:items'] });
  const acknowledged = new Set<string>();
  for (let round = 1; round <= 5; round += 1) {
    const api = await startApi();
    const writers = Array.from({ length: 8 }, () => write(token, acknowledged));
    while (acknowledged.size < round * 100) await new Promise(setImmediate);
    api.kill('SIGKILL');
    await Promise.all(writers);
  }
  const api = await startApi();
  const stored: { id: string }[] = await (await fetch(items())).json();
  const ids = new Set(stored.map(({ id }) => id));
  expect(Array.from(acknowledged).filter((id) => !ids.has(id))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThanOrEqual(500);
  api.kill('SIGTERM');
  await once(api, 'close');
}, 120_000);
