import { parseArgs, type ParseArgsConfig } from 'node:util';

/** The command cannot do what was asked for; the message says what to type instead. */
export class Misuse extends Error {}

/**
 * Node's `parseArgs`, whose complaints are not passed on: they repeat what was typed, which may be a token.
 *
 * @throws Misuse
 */
export function parsed<Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new Misuse(`${complaint(error)}\n\n${usage}`);
  }
}

/** An option's name is repeated when it looks like one. */
function complaint(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const [, option] = /'(--?[a-z][a-z-]{0,20})(?: <value>)?'/.exec(message) ?? [];
  return option === undefined
    ? 'One of the arguments is not understood.'
    : `The option ${option} is unknown here, or lacks its value, or takes none.`;
}
