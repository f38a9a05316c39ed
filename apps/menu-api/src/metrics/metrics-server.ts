import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createProblem, PROBLEM_MEDIA_TYPE } from '@portcullis/http';
import { hostAllowList, listen } from '@portcullis/service';
import type { Registry } from 'prom-client';

export interface MetricsServer {
  close(): Promise<void>;
}

const namesThisMachine = hostAllowList('http://localhost');

/**
 * `GET /metrics` and nothing else, on loopback whatever HOST says: what is counted is nobody's business outside.
 *
 * @throws StartRefused naming METRICS_PORT when the port is taken
 */
export async function serveMetrics(registry: Registry, port: number): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    void answer(registry, request, response);
  });
  await listen(
    {
      open: (chosen, host) =>
        new Promise<void>((resolve, reject) => {
          server.once('error', reject).listen(chosen, host, resolve);
        }),
      server: () => server,
    },
    { port, host: 'localhost', variable: 'METRICS_PORT' },
  );
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(registry: Registry, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!namesThisMachine(request.headers.host)) return refuse(response, 421, 'metrics are under a local name');
  if (request.url?.split('?', 1)[0] !== '/metrics')
    return refuse(response, 404, 'there is only /metrics here');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'metrics are only read', { allow: 'GET, HEAD' });
  }
  try {
    const text = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' });
    response.end(text);
  } catch {
    refuse(response, 500, 'the metrics cannot be collected');
  }
}

function refuse(
  response: ServerResponse,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store', ...headers });
  response.end(JSON.stringify(createProblem(status, detail)));
}
