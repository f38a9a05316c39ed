import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCatalogue } from '@portcullis/tokens';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = globSync(['packages/*/src/**/*.{ts,tsx}', 'apps/menu-api/src/**/*.{ts,tsx}'], { cwd: root });
const inCode = codesIn(sources);
const inDocument = codesIn(['docs/errors.md']);

/** Node's own, by which the command tells what happened to a connection, are not ours to document. */
function codesIn(files: readonly string[]): readonly string[] {
  const found = files.flatMap(
    (file) => readFileSync(join(root, file), 'utf8').match(/\bERR_(?!SSL_)[A-Z_]+/g) ?? [],
  );
  return [...new Set(found)].toSorted();
}

/** Rows of a table that begin with a code, cell by cell, without backticks. */
function rowsOf(file: string): readonly (readonly string[])[] {
  const lines = readFileSync(join(root, file), 'utf8').match(/^\| `ERR_.*$/gm) ?? [];
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

/** The class of each code, as the source has it. */
const classes = new Map(
  Array.from(
    readFileSync(join(root, 'packages/tokens/src/errors.ts'), 'utf8').matchAll(
      /^export class (\w+) extends \w+ \{\n {2}readonly code = '(\w+)';$/gm,
    ),
    ([, name, code]) => [code, name],
  ),
);
const catalogue = Object.entries(errorCatalogue).map(([code, failure]) => ({
  code,
  status: String(failure.status),
  error: 'error' in failure ? failure.error : '',
}));

describe('docs/errors.md', () => {
  it('names every error code, and none that is not there', () => {
    expect(inCode).toContain('ERR_TOKEN_EXPIRED');
    expect(inDocument).toEqual(inCode);
  });
});

describe('the error reference of packages/tokens/README.md', () => {
  it('has a row for each line of the catalogue, with its class, status and wire error', () => {
    const told = rowsOf('packages/tokens/README.md').map((cells) => cells.slice(0, 4));
    expect(told).toEqual(
      catalogue.map(({ code, status, error }) => [code, classes.get(code), status, error]),
    );
  });
});
