import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { IntrospectionOptions } from '@portcullis/tokens';
import { onTestFinished } from 'vitest';

/** An endpoint that answers about the tokens it knows (RFC 7662 2.2). Ends with the test. */
export interface IntrospectionEndpoint {
  readonly options: IntrospectionOptions;
  readonly known: Map<string, Readonly<Record<string, unknown>>>;
  /** The tokens that it was asked about, in order. */
  readonly asked: readonly string[];
}

export async function introspectionEndpoint(): Promise<IntrospectionEndpoint> {
  const known = new Map<string, Readonly<Record<string, unknown>>>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((form) => {
      const token = new URLSearchParams(form).get('token') ?? '';
      asked.push(token);
      const claims = known.get(token);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(claims === undefined ? { active: false } : { active: true, ...claims }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return {
    known,
    asked,
    options: {
      endpoint: `http://127.0.0.1:${port}/introspect`,
      authentication: { clientId: 'api', clientSecret: 'secret' },
    },
  };
}
