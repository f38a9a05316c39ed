import { StartRefused } from './start-refused.ts';

/**
 * Listens, and turns the two failures a person can mend into a sentence.
 *
 * @param options.variable the environment variable that sets the port, for the sentence
 * @throws StartRefused when the port is taken or may not be bound
 */
export async function listen(
  open: (port: number, host: string) => Promise<unknown>,
  options: { readonly port: number; readonly host: string; readonly variable: string },
): Promise<void> {
  try {
    await open(options.port, options.host);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EADDRINUSE') throw new StartRefused(portTaken(options), { cause });
    if (code === 'EACCES') {
      throw new StartRefused(
        `Port ${options.port} may not be opened by this user. Set ${options.variable} to one above 1023.`,
        { cause },
      );
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new StartRefused(
        `HOST names an address that this machine does not have. Leave it unset for loopback.`,
        { cause },
      );
    }
    throw cause;
  }
}

function portTaken({ port, variable }: { readonly port: number; readonly variable: string }): string {
  const airPlay =
    port === 7000
      ? ' On macOS, AirPlay Receiver listens there: switch it off in System Settings, or move.'
      : '';
  return `Port ${port} is already in use. Stop what listens there, or set ${variable} to a free port.${airPlay}`;
}
