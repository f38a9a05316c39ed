import type { Writable } from 'node:stream';

/** What a command reads and writes beside its arguments. */
export interface Terminal {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly stdin: AsyncIterable<Uint8Array | string> & { readonly isTTY?: boolean };
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A command of the command line: resolves with the exit code. */
export type Command = (args: readonly string[], terminal: Terminal) => Promise<number>;
