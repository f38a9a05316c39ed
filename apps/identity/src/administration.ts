import { StartRefused } from '@portcullis/service';
import { administrate } from './administrate.ts';

try {
  process.stdout.write(`${await administrate(process.argv[2], process.env)}\n`);
} catch (error) {
  if (!(error instanceof StartRefused)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
