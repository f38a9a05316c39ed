import { spawnSync } from 'node:child_process';
import { build, root } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { findPostgres } from './postgres-server.ts';
import { findRedisServer } from './redis-server.ts';

build();
const chromium = findChromium();
const { status } = spawnSync(
  process.execPath,
  [`${root}/node_modules/vitest/vitest.mjs`, 'run', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(chromium ? { CHROMIUM: chromium } : {}) },
  },
);
const leftOut = [
  ...(chromium
    ? []
    : [
        'Left out: the browser tests, because no Chromium was found. Install one, or set CHROMIUM to its path.',
      ]),
  ...(findRedisServer()
    ? []
    : [
        'Left out: the Redis tests, because no redis-server was found. Install one, or set REDIS_SERVER to its path.',
      ]),
  ...(findPostgres()
    ? []
    : [
        'Left out: the Postgres tests, because no Postgres that runs here was found. Set POSTGRES_BIN to the folder of its programs.',
      ]),
];
for (const line of leftOut) console.log(line);
if (leftOut.length > 0 && process.env.CI) process.exit(1);
process.exit(status ?? 1);
