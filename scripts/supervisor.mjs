import { fork } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './build.mjs';

/** Starts services as child processes and stops them together. */
export class Supervisor {
  #children = new Map();
  #logs;
  #stopping = false;

  /** @param {{ logs: string, onDeath: (name: string) => void }} options where log files go, and whom to tell of a death */
  constructor({ logs, onDeath }) {
    this.#logs = logs;
    this.onDeath = onDeath;
    mkdirSync(logs, { recursive: true, mode: 0o700 });
  }

  /** Resolves with what the service says once it is ready; rejects with its own words when it cannot start. */
  start({ name, main, flags }, { watch = false } = {}) {
    const child = fork(join(root, main), {
      cwd: root,
      // A group of its own: Ctrl-C in the terminal reaches the supervisor alone, which then stops each in order.
      detached: true,
      execArgv: [...flags, ...(watch ? ['--watch'] : [])],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#children.set(name, child);
    child.stdout.pipe(createWriteStream(join(this.#logs, `${name}.log`), { flags: 'a', mode: 0o600 }));
    return new Promise((resolve, reject) => {
      let ready = false;
      let words = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        if (ready) process.stderr.write(text);
        else words += text;
      });
      child.on('message', (message) => {
        ready = true;
        resolve({ name, ...message });
      });
      child.on('close', (code) => {
        this.#children.delete(name);
        if (!ready) reject(new Error(words.trim() || `${name} ended with code ${code} before it was ready`));
        else if (!this.#stopping) this.onDeath(name);
      });
    });
  }

  /** Asks each to finish and waits until all have. */
  async stop() {
    this.#stopping = true;
    const ends = Array.from(
      this.#children.values(),
      (child) => new Promise((resolve) => child.on('close', resolve)),
    );
    for (const child of this.#children.values()) child.kill('SIGTERM');
    await Promise.all(ends);
  }
}
