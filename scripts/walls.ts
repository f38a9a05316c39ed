import { globSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Which rooms each room may import, and which rooms may know Nest. Types count as imports. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  'packages/tokens': [],
  'packages/permissions': ['@portcullis/tokens'],
  'packages/testing': ['@portcullis/tokens'],
  'packages/stores': ['@portcullis/tokens'],
  'packages/http': ['@portcullis/tokens', '@portcullis/permissions'],
  'packages/nest': ['@portcullis/tokens', '@portcullis/permissions', '@portcullis/http'],
  'packages/cli': ['@portcullis/tokens', '@portcullis/permissions', '@portcullis/http', '@portcullis/nest'],
  'packages/service': [],
  'apps/identity': [
    '@portcullis/service',
    '@portcullis/nest',
    '@portcullis/http',
    '@portcullis/tokens',
    '@portcullis/permissions',
  ],
  'apps/menu-api': [
    '@portcullis/service',
    '@portcullis/nest',
    '@portcullis/http',
    '@portcullis/tokens',
    '@portcullis/permissions',
    '@portcullis/stores',
  ],
  'apps/dashboard': ['@portcullis/service'],
  'examples/doors': ['@portcullis/http', '@portcullis/nest'],
};
const MAY_KNOW_NEST = ['packages/nest', 'packages/cli', 'apps/identity', 'apps/menu-api', 'examples/doors'];
/** The command loads the application that it is to look at, and the administration a seed file that is a module. */
const MAY_LOAD_ANYTHING = ['packages/cli/', 'apps/identity/src/seeds/described-seed.ts'];
const COMPUTED = 'a computed name';

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** Every breach of a wall in the sources below `base`, as a sentence. */
export function breaches(base: string): readonly string[] {
  return Object.keys(FLOORS).flatMap((room) => {
    const { dependencies = {}, peerDependencies = {} }: Manifest = JSON.parse(
      readFileSync(join(base, room, 'package.json'), 'utf8'),
    );
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
    return globSync(`${room}/{src,server}/**/*.{ts,tsx}`, { cwd: base }).flatMap((file) =>
      importsOf(join(base, file)).flatMap((specifier) => {
        const wrong = breach(room, specifier, file, declared);
        return wrong ? [`${file} imports ${specifier}: ${wrong}`] : [];
      }),
    );
  });
}

function breach(
  room: string,
  specifier: string,
  file: string,
  declared: ReadonlySet<string>,
): string | undefined {
  if (specifier === COMPUTED)
    return MAY_LOAD_ANYTHING.some((place) => file.startsWith(place))
      ? undefined
      : 'what that is cannot be told before it runs';
  if (specifier.startsWith('.'))
    return leaves(room, specifier, file) ? 'a relative path out of its room' : undefined;
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name.startsWith('@portcullis-apps/')) return 'nobody imports an app';
  if (name.startsWith('@portcullis/') && !FLOORS[room]?.includes(name)) return 'not on a floor below';
  if (name.startsWith('@nestjs/') && !MAY_KNOW_NEST.includes(room)) return 'this room does not know Nest';
  return declared.has(name) ? undefined : 'its package.json does not declare it';
}

function leaves(room: string, specifier: string, file: string): boolean {
  return !join(file, '..', specifier).startsWith(`${room}/`);
}

function importsOf(path: string): readonly string[] {
  const { module } = parseSync(path, readFileSync(path, 'utf8'));
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
  );
  const source = readFileSync(path, 'utf8');
  const dynamic = module.dynamicImports.map(({ moduleRequest }) => {
    const requested = source.slice(moduleRequest.start, moduleRequest.end);
    return /^(['"])[^'"]*\1$/.test(requested) ? requested.slice(1, -1) : COMPUTED;
  });
  return [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...exported, ...dynamic];
}

if (process.argv[1] === import.meta.filename) {
  const found = breaches(root);
  for (const sentence of found) console.error(sentence);
  process.exit(found.length > 0 ? 1 : 0);
}
