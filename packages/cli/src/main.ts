#!/usr/bin/env node
import { Misuse } from './misuse.ts';
import type { Command, Terminal } from './terminal.ts';

/** Loaded when asked for: the doctor needs no Nest. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['routes', async () => (await import('./routes/routes.ts')).routes],
  ['doctor', async () => (await import('./doctor/doctor.ts')).doctor],
]);

const USAGE = `portcullis routes <module file>   who may call which handler of an application
portcullis doctor                 what is right and wrong with a configuration, and with a token

Each tells more with --help.
`;

async function run([name, ...args]: readonly string[], terminal: Terminal): Promise<number> {
  const load = name === undefined ? undefined : commands.get(name);
  if (load === undefined) {
    const isQuestion = name === undefined || name === 'help' || name === '--help';
    (isQuestion ? terminal.stdout : terminal.stderr).write(USAGE);
    return isQuestion ? 0 : 2;
  }
  try {
    const command = await load();
    return await command(args, terminal);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    terminal.stderr.write(`${error.message}\n`);
    return 2;
  }
}

const { stdout, stderr, stdin, env: environment } = process;
const code = await run(process.argv.slice(2), { stdout, stderr, stdin, environment });
// An application that was looked at may hold timers and connections of its own.
stdout.write('', () => stderr.write('', () => process.exit(code)));
