import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A folder of the test's own, removed when it ends. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'portcullis-service-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** One of the programs beside this file, as a process of its own, ended with the test. */
export function program(name: string, ...parameters: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));
  const child = fork(path, parameters, {
    execArgv: ['--conditions=@portcullis/source', '--disable-warning=ExperimentalWarning'],
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

export async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

export async function outputOf(child: ChildProcess) {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, code: code as unknown };
}

async function text(stream: ChildProcess['stdout']): Promise<string> {
  return ((await stream?.setEncoding('utf8').toArray()) ?? []).join('');
}
