import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { StartRefused } from './start-refused.ts';

/** An application that can be told to listen, and then shows the server it listens with. */
export interface Listener {
  open(port: number, host: string): Promise<unknown>;
  server(): Server;
}

export interface ListenOptions {
  readonly port: number;
  /** `localhost` means both loopback addresses, whatever the hosts file says. */
  readonly host: string;
  /** The environment variable that sets the port, for the sentence. */
  readonly variable: string;
}

/**
 * Listens, and turns the failures a person can mend into a sentence.
 *
 * @throws StartRefused when the port is taken or may not be bound
 */
export async function listen(listener: Listener, options: ListenOptions): Promise<void> {
  const loopback = options.host === 'localhost';
  try {
    await listener.open(options.port, loopback ? '127.0.0.1' : options.host);
    if (loopback) await twin(listener.server(), options.port);
  } catch (cause) {
    const sentence = sentenceFor(cause, options);
    throw sentence === undefined ? cause : new StartRefused(sentence, { cause });
  }
}

/** The same application on ::1, until its server closes. A machine without IPv6 goes without. */
async function twin(primary: Server, port: number): Promise<void> {
  const { headersTimeout, requestTimeout, keepAliveTimeout } = primary;
  const second = createServer({ headersTimeout, requestTimeout, keepAliveTimeout }, (request, response) =>
    primary.emit('request', request, response),
  );
  try {
    await once(second.listen(port, '::1'), 'listening');
  } catch (error) {
    if (['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL'].includes(codeOf(error) ?? '')) return;
    throw error;
  }
  second.on('upgrade', (request, socket, head) => primary.emit('upgrade', request, socket, head));
  primary.once('close', () => {
    second.close();
    second.closeIdleConnections();
  });
}

function sentenceFor(error: unknown, { port, variable }: ListenOptions): string | undefined {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `Port ${port} is already in use. Stop what listens there, or set ${variable} to a free port.${airPlay(port)}`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user. Set ${variable} to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'HOST names an address that this machine does not have. Leave it unset for loopback.';
    default:
      return undefined;
  }
}

function airPlay(port: number): string {
  return port === 7000
    ? ' On macOS, AirPlay Receiver listens there: switch it off in System Settings, or move.'
    : '';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
