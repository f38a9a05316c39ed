import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/portcullis.js', import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** Nothing else is in the environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** The command as it is installed, in a process of its own. */
export async function portcullis(
  args: readonly string[],
  { environment = {}, stdin = '' }: Surroundings = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: environment,
  });
  child.stdin.end(stdin);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
