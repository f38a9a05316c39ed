import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { authenticate, callerOf, optionalAuthentication, type Middleware } from '@portcullis/http';
import { onTestFinished } from 'vitest';

/** A bare node:http server on a free port, closed when the test ends. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs middleware one after the other, then answers with the caller. */
export function behind(...middleware: readonly Middleware[]): RequestListener {
  return (request, response) => {
    const pass = ([first, ...rest]: readonly Middleware[]): void => {
      if (!first) return void response.end(JSON.stringify(callerOf(request) ?? null));
      first(request, response, (error) => {
        if (error === undefined) pass(rest);
        else response.writeHead(500).end(error instanceof Error ? error.message : '');
      });
    };
    pass(middleware);
  };
}

/** Whom to trust, and a look at whoever comes, so that a bad credential ends here. */
export function judging(who: Parameters<typeof authenticate>[0]): readonly Middleware[] {
  return [authenticate(who), optionalAuthentication()];
}

/** Sends these lines as they are; answers with all that comes back until the server closes. */
export async function raw(url: string, lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write([...lines, 'Host: localhost', 'Connection: close', '', ''].join('\r\n'), 'latin1');
  return (await socket.setEncoding('latin1').toArray()).join('');
}

/** A request head with these header lines; nothing else about it matters. */
export function head(
  headers: readonly (readonly [name: string, value: string])[],
  url = '/',
): Pick<IncomingMessage, 'rawHeaders' | 'url' | 'method'> {
  return { rawHeaders: headers.flat(), url, method: 'GET' };
}
