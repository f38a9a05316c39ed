import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartRefused } from './start-refused.ts';

/** A directory that no other process may open while this one holds it. */
export interface DirectoryHold {
  readonly path: string;
  /** Once is enough; again does nothing. */
  release(): void;
}

/**
 * Creates the directory if need be (readable by its owner alone) and holds it for this process.
 *
 * PGlite takes no lock of its own, and two processes writing one directory ruin it. The hold is an
 * exclusive SQLite transaction on a file inside: the operating system ends it with the process,
 * whatever way that ends, so no stale lock is ever left to delete by hand.
 *
 * @throws StartRefused when the directory cannot be written or another process holds it.
 */
export function holdDirectory(path: string): DirectoryHold {
  let lock: DatabaseSync;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(path, 'hold.lock'), { timeout: 0 });
  } catch (cause) {
    throw new StartRefused(
      `The folder ${path} cannot be written. Make it writable, or set DATA_DIR to one that is.`,
      { cause },
    );
  }
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    const busy = cause instanceof Error && 'errcode' in cause && cause.errcode === SQLITE_BUSY;
    throw new StartRefused(
      busy
        ? `Another process already runs on ${path}. Stop that one, or set DATA_DIR to another folder.`
        : `The folder ${path} cannot be written. Make it writable, or set DATA_DIR to one that is.`,
      { cause },
    );
  }
  return {
    path,
    release: () => {
      if (lock.isOpen) lock.close();
    },
  };
}

const SQLITE_BUSY = 5;
