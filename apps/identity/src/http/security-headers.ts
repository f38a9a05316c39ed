import type { IncomingMessage, ServerResponse } from 'node:http';
import { contentSecurityPolicy } from './content-security-policy.ts';

/** On every answer, also on errors; what needs less takes it away knowingly. */
export function securityHeaders(options: { readonly secure: boolean }) {
  return (_request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    response.setHeader('Content-Security-Policy', contentSecurityPolicy());
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', 'no-store');
    if (options.secure) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
    next();
  };
}
