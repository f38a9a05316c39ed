import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = globSync(['packages/*/src/**/*.{ts,tsx}', 'apps/menu-api/src/**/*.{ts,tsx}'], { cwd: root });
const inCode = codesIn(sources);
const inDocument = codesIn(['docs/errors.md']);

function codesIn(files: readonly string[]): readonly string[] {
  const found = files.flatMap((file) => readFileSync(join(root, file), 'utf8').match(/\bERR_[A-Z_]+/g) ?? []);
  return [...new Set(found)].toSorted();
}

describe('docs/errors.md', () => {
  it('names every error code, and none that is not there', () => {
    expect(inCode).toContain('ERR_TOKEN_EXPIRED');
    expect(inDocument).toEqual(inCode);
  });
});
