import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSnapshot } from '../src/routes/access-snapshot.ts';
import { portcullis } from './command.ts';

const kitchen = 'applications/kitchen.js';
const source = readFileSync(join(import.meta.dirname, kitchen), 'utf8').split('\n');
const placeOf = (line: string): string => `${kitchen}:${source.indexOf(line) + 1}`;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'access-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('portcullis routes', () => {
  it('prints who may call what, and where that is written', async () => {
    const { code, stdout, stderr } = await portcullis(['routes', kitchen, '--export', 'KitchenModule']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      'METHOD  PATH             WHO MAY            PERMISSIONS    HANDLER                  SOURCE',
      `GET     /kitchen/menu    anybody            -              KitchenController.menu   ${placeOf('  menu() {}')}`,
      `POST    /kitchen/orders  a user or machine  create:orders  KitchenController.order  ${placeOf('  order() {}')}`,
      '',
    ]);
  });

  it('prints the same as JSON', async () => {
    const { code, stdout } = await portcullis(['routes', kitchen, '--export=dynamic', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { context: 'http', method: 'GET', path: '/kitchen/menu', who: 'anybody', rule: { access: 'public' } },
      {
        method: 'POST',
        path: '/kitchen/orders',
        permissions: 'create:orders',
        rule: { access: 'caller', allOf: ['create:orders'], kinds: ['user', 'machine'] },
        handler: 'KitchenController.order',
        source: placeOf('  order() {}'),
      },
    ]);
  });

  it('knows the global prefix of an application that the function sets up', async () => {
    const { code, stdout } = await portcullis(['routes', kitchen, '--export', 'createApp']);
    expect(code).toBe(0);
    expect(stdout).toContain('/api/kitchen/orders');
  });

  it('finds the source that was compiled, by its source map', async () => {
    const api = '../../../apps/menu-api/dist/listed-api.js';
    const { code, stdout } = await portcullis(['routes', api, '--json']);
    expect(code).toBe(0);
    const rows: readonly { handler: string; source: string }[] = JSON.parse(stdout);
    expect(rows.length).toBeGreaterThan(10);
    for (const { handler, source: place } of rows) {
      const [file = '', line = ''] = place.split(':');
      expect(file).toMatch(/apps\/menu-api\/src\/.*\.controller\.ts$/);
      const text = readFileSync(join(import.meta.dirname, file), 'utf8').split('\n')[Number(line) - 1];
      expect(text).toContain(`${handler.split('.')[1]}(`);
    }
  });

  it('names the class where a decorator has put another function in place of the method', async () => {
    const { stdout } = await portcullis(['routes', kitchen, '--export', 'wrapped', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { handler: 'WrappedController.dish', source: placeOf('class WrappedController {') },
    ]);
  });

  it('says whose tokens a handler takes, where they are not those of all', async () => {
    const { stdout } = await portcullis(['routes', kitchen, '--export', 'PartnerModule', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([
      { path: '/deliveries', who: 'a user or machine of "partner"', verifier: 'partner' },
    ]);
  });

  it('fails when a handler has no rule, and shows it', async () => {
    const { code, stdout, stderr } = await portcullis(['routes', kitchen, '--export', 'OpenModule']);
    expect(code).toBe(1);
    expect(stdout).toContain('GET     /cellar          nobody: no rule');
    expect(stderr).toContain(
      'say nothing about who may call them:\n  CellarController.wines (GET)\nPut @Public()',
    );
  });
});

describe('portcullis routes --check', () => {
  const check = (file: string, ...more: readonly string[]) =>
    portcullis(['routes', kitchen, '--export', 'KitchenModule', '--check', file, ...more]);

  it('passes while access is as the snapshot says, which --update writes', async () => {
    const file = join(folder(), 'access.json');
    expect(await check(file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--update writes it'),
    });
    expect(await check(file, '--update')).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      'GET /kitchen/menu': 'anybody',
      'POST /kitchen/orders': 'a user or machine with create:orders',
    });
    expect(await check(file)).toMatchObject({ code: 0, stdout: '' });
  });

  it('fails with what was and what is, and leaves the snapshot alone', async () => {
    const file = join(folder(), 'access.json');
    const agreed = JSON.stringify({
      'GET /kitchen/menu': 'a user',
      'GET /kitchen/gone': 'anybody',
    });
    writeFileSync(file, agreed);
    const { code, stderr } = await check(file);
    expect(code).toBe(1);
    expect(stderr).toBe(
      [
        `Access is not as in ${file}:`,
        '  ~ GET /kitchen/menu',
        '      was: a user',
        '      is:  anybody',
        '  - GET /kitchen/gone: anybody',
        '  + POST /kitchen/orders: a user or machine with create:orders',
        'If that is meant, run the same command with --update and have the change of that file reviewed.',
        '',
      ].join('\n'),
    );
    expect(readFileSync(file, 'utf8')).toBe(agreed);
  });

  it('is not updated to a handler without a rule', async () => {
    const file = join(folder(), 'access.json');
    writeFileSync(file, '{}');
    const args = ['routes', kitchen, '--export', 'OpenModule', '--check', file, '--update'];
    expect(await portcullis(args)).toMatchObject({ code: 1 });
    expect(readFileSync(file, 'utf8')).toBe('{}');
  });

  it.each(['[]', '{"GET /":1}', 'null', 'GET /'])('names a file that is no snapshot: %s', (content) => {
    const file = join(folder(), 'access.json');
    writeFileSync(file, content);
    expect(() => readSnapshot(file)).toThrow(`${file} is no snapshot of access: --update writes it anew`);
  });
});

describe.concurrent('what cannot be listed is told in a sentence', () => {
  it.each<[string, readonly string[], string]>([
    ['no file', [], 'Name one module file'],
    ['two files', [kitchen, kitchen], 'Name one module file'],
    ['a file that is not there', ['nowhere.js'], 'There is no file nowhere.js'],
    ['TypeScript', ['routes.spec.ts'], 'is TypeScript. Compile the application first'],
    ['several exports', [kitchen], 'Name it with --export. It exports KitchenModule, '],
    ['an export that is not there', [kitchen, '--export', 'Kitchen'], 'has no export "Kitchen"'],
    ['an export that is no module', [kitchen, '--export', 'number'], 'is no module'],
    ['a file that fails', ['applications/broken.js'], 'cannot be loaded: no database here'],
    [
      'an application without the module',
      [kitchen, '--export', 'UnprotectedModule'],
      'imports PortcullisModule nowhere',
    ],
    ['an unknown option', [kitchen, '--jsn'], 'The option --jsn is unknown here'],
    ['--update alone', [kitchen, '--update'], '--update goes with --check'],
  ])('%s', async (_what, args, sentence) => {
    const { code, stdout, stderr } = await portcullis(['routes', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  });
});

it.each([[[]], [['--help']], [['help']]])('portcullis %j says which commands there are', async (args) => {
  const { code, stdout } = await portcullis(args);
  expect(code).toBe(0);
  expect(stdout).toMatch(/portcullis routes.*\n.*portcullis doctor/);
});

it('an unknown command is no success', async () => {
  expect(await portcullis(['rotues'])).toMatchObject({ code: 2, stdout: '' });
});
