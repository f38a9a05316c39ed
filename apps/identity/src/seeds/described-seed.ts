import { StartRefused } from '@portcullis/service';
import { readFileSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMap, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { seedFile, type SeedFile } from './seed-file.ts';

/** Where in the file: keys and indexes from its top. */
export type SeedPath = readonly PropertyKey[];

export interface SeedComplaint {
  readonly path: SeedPath;
  /** The end of a sentence that begins with what the path names. */
  readonly wrong: string;
}

/** Thrown for all that is wrong with a file at once. */
export class SeedRefused extends Error {
  override readonly name = 'SeedRefused';
  readonly complaints: readonly SeedComplaint[];

  constructor(complaints: readonly SeedComplaint[]) {
    super('the seed file cannot be applied');
    this.complaints = complaints;
  }
}

export interface DescribedSeed {
  readonly seed: SeedFile;
  /** The sentence that refuses it, with the line of each complaint where the file has lines. */
  refusal(error: SeedRefused): StartRefused;
}

const MODULES = new Set(['.ts', '.mts', '.js', '.mjs']);

/**
 * Reads a seed file: YAML (JSON is some of it), or a module whose default export is one.
 *
 * @throws StartRefused naming every line that is wrong, and why
 */
export async function describeSeed(path: string): Promise<DescribedSeed> {
  const name = basename(path);
  if (MODULES.has(extname(path)))
    return described(await exported(path), (complaint) => `${name}: ${sentence(complaint)}`);
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number | undefined): string =>
    offset === undefined ? name : `${name}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0)
    throw new StartRefused(
      document.errors
        .map(({ pos: [offset], message }) => `${lineAt(offset)}: is no YAML: ${message}`)
        .join('\n'),
    );
  return described(
    document.toJS({ maxAliasCount: 100 }),
    (complaint) => `${lineAt(offsetOf(document, complaint.path))}: ${sentence(complaint)}`,
  );
}

function described(value: unknown, line: (complaint: SeedComplaint) => string): DescribedSeed {
  const refusal = ({ complaints }: SeedRefused) => new StartRefused(complaints.map(line).join('\n'));
  const { data, error } = seedFile.safeParse(value);
  if (data === undefined) throw refusal(new SeedRefused(error.issues.flatMap(complaintsAbout)));
  return { seed: data, refusal };
}

function complaintsAbout(issue: z.core.$ZodIssue): SeedComplaint[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, wrong: issue.message }];
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    wrong: 'is not known here',
  }));
}

function sentence({ path, wrong }: SeedComplaint): string {
  const where = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
  return `${where.replace(/^\./, '') || 'the file'}: ${wrong}.`;
}

/** Of the key where there is one, since what is wrong may be that nothing follows it; else of what holds it. */
function offsetOf(document: Document, path: SeedPath): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    if (isMap(parent)) {
      const key = parent.items.find(
        (pair) => isScalar(pair.key) && String(pair.key.value) === String(last),
      )?.key;
      if (isScalar(key)) return key.range?.[0];
    }
    const node = document.getIn(path.slice(0, length), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
      return Number(node.range[0]);
  }
  return undefined;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new StartRefused(`${path} cannot be read. Example: npx identity apply seed.yaml`, { cause });
  }
}

async function exported(path: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(resolve(path)).href);
    if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartRefused(`${path} cannot be loaded: ${reason}`, { cause });
  }
  throw new StartRefused(`${path} has no default export. Example: export default { apis: [], roles: [] }`);
}
