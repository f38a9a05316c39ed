import { StartRefused } from '@portcullis/service';

/** Addresses that production must be given, and those that it may leave out. */
interface Addresses {
  readonly required: Readonly<Record<string, readonly string[] | undefined>>;
  readonly optional: Readonly<Record<string, readonly string[]>>;
}

/**
 * What development may leave out, production (or any listener that others can reach) must say.
 *
 * @throws StartRefused naming each variable that is not set, or not https
 */
export function refuseDevelopmentDefaults({ required, optional }: Addresses): void {
  const wrong = Object.entries({ ...optional, ...required }).flatMap(([name, addresses]) => {
    if (addresses === undefined) return [`  ${name}: must be set in production.`];
    return addresses.every((address) => address.startsWith('https:'))
      ? []
      : [`  ${name}: must be https in production.`];
  });
  if (wrong.length === 0) return;
  throw new StartRefused(
    [
      'NODE_ENV=production, or a HOST or PUBLIC_URL that others can reach, takes no development defaults:',
      ...wrong,
    ].join('\n'),
  );
}
