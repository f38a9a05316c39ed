import { readFileSync } from 'node:fs';
import { printMachine } from '../../../scripts/measure.ts';
import { eventLoop } from './event-loop.ts';
import { hostile } from './hostile.ts';
import { newToken } from './new-token.ts';
import { seenToken } from './seen-token.ts';

const PARTS: Readonly<Record<string, () => Promise<void>>> = {
  seen: seenToken,
  new: newToken,
  loop: eventLoop,
  hostile,
};

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const { dependencies, devDependencies }: Manifest = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);
printMachine({ jose: dependencies['jose'] ?? '', 'fast-jwt': devDependencies['fast-jwt'] ?? '' });

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(PARTS)) {
  const part = PARTS[name];
  if (part === undefined) throw new TypeError(`there is no part "${name}": ${Object.keys(PARTS).join(', ')}`);
  await part();
}
