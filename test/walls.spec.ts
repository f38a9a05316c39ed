import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { breaches } from '../scripts/walls.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'walls-'));
for (const rooms of ['packages', 'apps', 'examples']) {
  cpSync(join(root, rooms), join(copy, rooms), {
    recursive: true,
    filter: (path) => !/(node_modules|dist|images|migrations)$/.test(path),
  });
}
afterAll(() => rmSync(copy, { recursive: true }));

describe('the walls between the rooms', () => {
  it('hold', () => {
    expect(breaches(root)).toEqual([]);
  });

  it.each([
    ['packages/tokens', '@portcullis/http', 'not on a floor below'],
    ['packages/http', '@nestjs/common', 'this room does not know Nest'],
    ['packages/http', '../../tokens/src/index.ts', 'a relative path out of its room'],
    ['packages/testing', '@portcullis/permissions', 'not on a floor below'],
    ['packages/stores', '@portcullis/http', 'not on a floor below'],
    ['packages/stores', '@nestjs/common', 'this room does not know Nest'],
    ['apps/menu-api', '@portcullis-apps/identity', 'nobody imports an app'],
    ['packages/nest', 'lodash', 'its package.json does not declare it'],
  ])('%s may not import %s', (room, specifier, reason) => {
    for (const statement of [
      `import '${specifier}';`,
      `export * from '${specifier}';`,
      `import type { X } from '${specifier}';`,
      `await import('${specifier}');`,
    ]) {
      const file = join(copy, room, 'src/breach.ts');
      writeFileSync(file, statement);
      expect(breaches(copy), statement).toEqual([`${room}/src/breach.ts imports ${specifier}: ${reason}`]);
      rmSync(file);
    }
  });

  it('are not got round by a name that is computed', () => {
    const file = join(copy, 'packages/http/src/breach.ts');
    writeFileSync(file, "await import('@nestjs' + '/common');");
    expect(breaches(copy)).toEqual([expect.stringContaining('cannot be told before it runs')]);
    rmSync(file);
  });
});
