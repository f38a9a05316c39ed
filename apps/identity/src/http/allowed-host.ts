import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostAllowList } from '@portcullis/service';

/** Answers only under the issuer's own name. */
export function allowedHost(issuer: string) {
  const allowed = hostAllowList(issuer);
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    // Probes come by address; these pages say nothing that a stranger may not know.
    if (allowed(request.headers.host) || request.url?.startsWith('/health/')) {
      next();
      return;
    }
    response.writeHead(421, { 'Content-Type': 'text/plain; charset=utf-8' });
    response.end('Misdirected request: this server answers under the name of its issuer alone.\n');
  };
}
