import { Misuse, parsed } from '../misuse.ts';
import type { Command } from '../terminal.ts';
import { accessOf, changes, readSnapshot, writeSnapshot } from './access-snapshot.ts';
import { loadHandlers } from './load-handlers.ts';
import { rowsOf, type Row } from './row.ts';
import { SourceMapped } from './source-place.ts';
import { table } from './table.ts';

const USAGE = `portcullis routes <module file> [options]

Prints every handler of a Nest application: method, path, rule, permissions, source file. The file is compiled
JavaScript and exports the root module, a dynamic module, an application, or a function that returns one of them; the
function is given Nest's options { preview: true, … }. Nothing connects or listens.

  --export <name>     the export to take; needed when the file has several. Default: "default", or the only one
  --json              as JSON
  --check <snapshot>  compares with a file, and fails when access has changed
  --update            with --check: writes the file
  --help

Exit code: 0 all is as it should be, 1 a handler has no rule or access has changed, 2 the arguments are wrong or the
application cannot be loaded.
`;

const options = {
  export: { type: 'string' },
  json: { type: 'boolean', default: false },
  check: { type: 'string' },
  update: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Prints who may call what, and fails when a handler has no rule or its rule is not the one agreed on. */
export const routes: Command = async (args, { stdout, stderr }) => {
  const { values, positionals } = parsed({ args: [...args], options, allowPositionals: true }, USAGE);
  if (values.help) {
    stdout.write(USAGE);
    return 0;
  }
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Misuse(`Name one module file.\n\n${USAGE}`);
  if (values.update && values.check === undefined)
    throw new Misuse('--update goes with --check <snapshot>: it says which file to write.');

  const { handlers, withoutRule } = await loadHandlers(file, values.export);
  const open = handlers.filter(({ rule }) => rule === undefined);
  if (open.length > 0) stderr.write(`${withoutRule(open)}\n\n`);

  if (values.check === undefined || values.json) {
    const rows = await rowsOf(handlers, new SourceMapped());
    stdout.write(values.json ? `${JSON.stringify(rows, undefined, 2)}\n` : table(rows.map(cells), HEAD));
  }
  if (open.length > 0) return 1;
  if (values.check === undefined) return 0;

  const access = accessOf(handlers);
  if (values.update) {
    writeSnapshot(values.check, access);
    stderr.write(`${values.check} is written.\n`);
    return 0;
  }
  const changed = changes(readSnapshot(values.check), access);
  if (changed.length === 0) {
    stderr.write(`Access is as in ${values.check}.\n`);
    return 0;
  }
  stderr.write(
    [
      `Access is not as in ${values.check}:`,
      ...changed,
      'If that is meant, run the same command with --update and have the change of that file reviewed.\n',
    ].join('\n'),
  );
  return 1;
};

const HEAD = ['METHOD', 'PATH', 'WHO MAY', 'PERMISSIONS', 'HANDLER', 'SOURCE'];

function cells({ context, method, path, who, permissions, handler, source }: Row): readonly string[] {
  const kind = context === 'http' ? method : `${context} ${method}`;
  return [kind, path, who, permissions ?? '-', handler, source ?? '-'];
}
