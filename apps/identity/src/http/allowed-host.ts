import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from '../settings.ts';

/**
 * Answers only under the issuer's own name: another one, pointed at this machine by its owner's
 * name server, would make a stranger's page same-origin with us (DNS rebinding, rule 24).
 */
export function allowedHost(issuer: string) {
  const { hostname, host, port } = new URL(issuer);
  const suffix = port === '' ? '' : `:${port}`;
  const allowed = new Set(
    isLoopback(hostname) ? ['localhost', '127.0.0.1', '[::1]'].map((name) => name + suffix) : [host],
  );
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    // Probes come by address; these pages say nothing that a stranger may not know.
    if (allowed.has(request.headers.host ?? '') || request.url?.startsWith('/health/')) {
      next();
      return;
    }
    response.writeHead(421, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('Misdirected request: this server answers under the name of its issuer alone.\n');
  };
}
