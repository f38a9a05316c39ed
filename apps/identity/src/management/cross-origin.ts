import type { IncomingMessage, ServerResponse } from 'node:http';
import { isManagementPath } from './management-error.filter.ts';

const METHODS = 'GET, POST, PATCH, PUT, DELETE';
const HEADERS = 'authorization, content-type, dpop, auth0-client';
const EXPOSED =
  'WWW-Authenticate, DPoP-Nonce, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset';

/** Lets pages of the administration's own origin call the Management API, and no others. */
export function crossOrigin(adminOrigin: string | undefined) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (!isManagementPath(request.url)) {
      next();
      return;
    }
    response.setHeader('Vary', 'Origin');
    const allowed = adminOrigin !== undefined && request.headers.origin === adminOrigin;
    if (allowed) {
      response.setHeader('Access-Control-Allow-Origin', adminOrigin);
      response.setHeader('Access-Control-Expose-Headers', EXPOSED);
    }
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    if (allowed) {
      response.setHeader('Access-Control-Allow-Methods', METHODS);
      response.setHeader('Access-Control-Allow-Headers', HEADERS);
      response.setHeader('Access-Control-Max-Age', '600');
    }
    response.writeHead(204).end();
  };
}
