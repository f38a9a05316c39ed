import { spawnSync } from 'node:child_process';
import { build, root } from './build.mjs';
import { findChromium } from './chromium.mjs';

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
if (!chromium) {
  console.log(
    'Left out: the browser tests, because no Chromium was found. Install one, or set CHROMIUM to its path.',
  );
  if (process.env.CI) process.exit(1);
}
process.exit(status ?? 1);
