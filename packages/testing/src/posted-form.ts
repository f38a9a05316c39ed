import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { OAuthError } from './oauth-error.ts';

export type Form = ReadonlyMap<string, string>;

/** @throws OAuthError unless the request is a form post in which each parameter stands once */
export async function postedForm(request: IncomingMessage): Promise<Form> {
  if (request.method !== 'POST') {
    throw new OAuthError(405, 'invalid_request', 'This endpoint takes POST alone.', { allow: 'POST' });
  }
  const [type] = (request.headers['content-type'] ?? '').split(';');
  if (type?.trim().toLowerCase() !== 'application/x-www-form-urlencoded') {
    throw new OAuthError(400, 'invalid_request', 'The body must be application/x-www-form-urlencoded.');
  }
  const form = new Map<string, string>();
  for (const [parameter, value] of new URLSearchParams(await body(request))) {
    // RFC 6749 3.2
    if (form.has(parameter)) throw new OAuthError(400, 'invalid_request', 'A parameter stands twice.');
    form.set(parameter, value);
  }
  return form;
}

async function body(request: IncomingMessage): Promise<string> {
  try {
    return await text(request);
  } catch {
    throw new OAuthError(400, 'invalid_request', 'The body ended early.');
  }
}
