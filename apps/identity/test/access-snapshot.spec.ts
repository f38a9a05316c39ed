import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const command = fileURLToPath(new URL('../../../packages/cli/bin/portcullis.js', import.meta.url));

it('who may call what is as in access.json, so that a change of access is a reviewed change of that file', () => {
  const args = [command, 'routes', 'dist/listed-identity.js', '--check', 'access.json'];
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  expect(() => execFileSync(process.execPath, args, { cwd, stdio: 'pipe' })).not.toThrow();
});
