import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';

/** The folder that holds the whole project, whichever workspace was started. */
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** `DATA_DIR` as an absolute path; a relative one counts from the repository, not from the shell. */
export function dataDirectory(dataDir: string | undefined): string {
  return resolve(repositoryRoot, dataDir ?? '.data');
}
