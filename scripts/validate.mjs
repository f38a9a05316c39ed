import { spawnSync } from 'node:child_process';
import { root } from './build.mjs';
import { claims } from './claims.mjs';

for (const { claim, tool, script, argv = [] } of claims) {
  const started = Date.now();
  console.log(`\n── ${claim}?`);
  const program = script ? `${root}/${script}` : `${root}/node_modules/${tool}`;
  const { status } = spawnSync(process.execPath, [program, ...argv], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`\n✗ not true: ${claim}`);
    process.exit(1);
  }
  console.log(`✓ ${claim} (${Math.round((Date.now() - started) / 1000)} s)`);
}
