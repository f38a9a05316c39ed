import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Misuse } from '../misuse.ts';
import type { ListedHandler } from './load-handlers.ts';

/** Who may, by method and path: no names and places of the code, which change without any change of access. */
export type Access = Readonly<Record<string, string>>;

/** Sorted, so that order of registration makes no difference. What shares an address is one entry. */
export function accessOf(handlers: readonly ListedHandler[]): Access {
  const entries = handlers.flatMap(({ context, method, paths, words }) =>
    paths.map((path) => ({
      key: `${context === 'http' ? '' : `${context} `}${method} ${path}`,
      words: words.whole,
    })),
  );
  const byKey = Map.groupBy(entries, ({ key }) => key);
  return Object.fromEntries(
    [...byKey]
      .map(
        ([key, found]) =>
          [
            key,
            found
              .map(({ words }) => words)
              .toSorted()
              .join(' | '),
          ] as const,
      )
      .toSorted(([one], [other]) => (address(one) < address(other) ? -1 : 1)),
  );
}

/** Methods of one path stand together. */
function address(key: string): string {
  const [method = '', ...path] = key.split(' ');
  return `${path.join(' ')} ${method}`;
}

/** Each difference in words, with what was and what is. */
export function changes(before: Access, after: Access): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => {
    const [was, is] = [before[key], after[key]];
    if (was === is) return [];
    if (was === undefined) return [`  + ${key}: ${is}`];
    if (is === undefined) return [`  - ${key}: ${was}`];
    return [`  ~ ${key}`, `      was: ${was}`, `      is:  ${is}`];
  });
}

/** @throws Misuse when there is none, or it is no snapshot */
export function readSnapshot(file: string): Access {
  if (!existsSync(file)) throw new Misuse(`There is no ${file} yet: --update writes it.`);
  const snapshot = parse(readFileSync(file, 'utf8'));
  if (snapshot === undefined)
    throw new Misuse(`${file} is no snapshot of access: --update writes it anew. Look at what it replaces.`);
  return snapshot;
}

export function writeSnapshot(file: string, access: Access): void {
  writeFileSync(file, `${JSON.stringify(access, undefined, 2)}\n`);
}

function parse(text: string): Access | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return isAccess(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isAccess(read: unknown): read is Access {
  return (
    typeof read === 'object' &&
    read !== null &&
    !Array.isArray(read) &&
    Object.values(read).every((rule) => typeof rule === 'string')
  );
}
