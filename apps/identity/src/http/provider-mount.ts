import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Provider } from 'oidc-provider';
import { asFormRequest, hasJsonBody } from '../provider/json-body.ts';
import { isProviderPath } from '../provider/routes.ts';

/** Postgres has no place for this character in text; no parameter of OAuth has a use for it. */
const NUL = /%00/;

const JSON_PATHS = new Set(['/oauth/token', '/oauth/revoke']);

/** Hands its own paths to oidc-provider, before Fastify reads a body. */
export function mountProvider(provider: Provider) {
  const callback = provider.callback();
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!JSON_PATHS.has(request.url ?? '') || !hasJsonBody(request)) {
      await callback(request, response);
      return;
    }
    try {
      await callback(await asFormRequest(request), response);
    } catch (error) {
      if (!(error instanceof errors.InvalidRequest)) throw error;
      refuse(response, error);
    }
  };
  return (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void => {
    if (isProviderPath(request.url) && NUL.test(request.url ?? '')) {
      refuse(response, new errors.InvalidRequest('a parameter contains the character NUL'));
    } else if (isProviderPath(request.url)) handle(request, response).catch(next);
    else next();
  };
}

function refuse(response: ServerResponse, { error, error_description }: errors.OIDCProviderError): void {
  response.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ error, error_description }));
}
