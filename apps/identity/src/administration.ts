import { StartRefused } from '@portcullis/service';
import { administrate } from './administrate.ts';

/** Resolves once it was taken, so that a long answer never stands in memory. */
const write = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });

// Whoever reads only the beginning, as "head" does, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  const [command, ...args] = process.argv.slice(2);
  const printed = await administrate(command, process.env, { args, write });
  if (printed !== '') await write(`${printed}\n`);
} catch (error) {
  if (!(error instanceof StartRefused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
