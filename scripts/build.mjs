import { spawnSync } from 'node:child_process';
import { existsSync, globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const DASHBOARD_PAGE = 'apps/dashboard/dist/browser/index.html';
const DASHBOARD_SOURCES = [
  'apps/dashboard/{src,public}/**/*',
  'apps/dashboard/{index.html,vite.config.ts}',
  'package-lock.json',
];

/** Builds what is not up to date. Throws when a compiler refuses, after it has said why. */
export function build() {
  runTool('typescript/bin/tsc', ['-b'], root);
  if (isDashboardStale())
    runTool('vite/bin/vite.js', ['build', '--logLevel', 'warn'], `${root}/apps/dashboard`);
}

export function runTool(tool, argv, cwd = root) {
  const { status } = spawnSync(process.execPath, [`${root}/node_modules/${tool}`, ...argv], {
    cwd,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${tool} ${argv.join(' ')} failed`);
}

function isDashboardStale() {
  if (!existsSync(`${root}/${DASHBOARD_PAGE}`)) return true;
  const built = statSync(`${root}/${DASHBOARD_PAGE}`).mtimeMs;
  return globSync(DASHBOARD_SOURCES, { cwd: root }).some(
    (file) => statSync(`${root}/${file}`).mtimeMs > built,
  );
}
