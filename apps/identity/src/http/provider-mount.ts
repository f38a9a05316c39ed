import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Provider } from 'oidc-provider';
import { asFormRequest, hasJsonBody, readBody } from '../provider/json-body.ts';
import { isProviderPath, ROUTES } from '../provider/routes.ts';

/** Postgres has no place for this character in text; no parameter of OAuth has a use for it. */
const NUL = /%00/;

const JSON_PATHS = new Set<string | undefined>([
  ROUTES.token,
  ROUTES.revocation,
  ROUTES.device_authorization,
  ROUTES.pushed_authorization_request,
]);

/** OpenID Connect Core, 3.1.2.1 and RP-Initiated Logout, 2: these are for GET and for POST. */
const FORM_PATHS = new Set<string | undefined>([ROUTES.authorization, ROUTES.end_session]);

/** Characters of an address. What an interaction remembers of it is written to disk for anybody who asks. */
const LONGEST_ADDRESS = 8192;

/** What a request says is wrong with it; undefined when oidc-provider may see it. */
function objection(url: string): errors.OIDCProviderError | undefined {
  if (NUL.test(url)) return new errors.InvalidRequest('a parameter contains the character NUL');
  if (url.length > LONGEST_ADDRESS) return new errors.InvalidRequest('the address is too long');
  // One token is for one API, and consent is asked for one.
  const resources = new URLSearchParams(url.split('?', 2)[1]).getAll('resource');
  return resources.length > 1 ? new errors.InvalidTarget('only one resource may be asked for') : undefined;
}

/**
 * Every address that oidc-provider writes is the issuer's: neither the Host header nor a forwarded one
 * that anybody may send has a say.
 */
function underIssuer({ headers }: IncomingMessage, { host, protocol }: URL): void {
  headers.host = host;
  headers['x-forwarded-host'] = host;
  headers['x-forwarded-proto'] = protocol.slice(0, -1);
}

/** Hands its own paths to oidc-provider, before Fastify reads a body. */
export function mountProvider(provider: Provider) {
  const callback = provider.callback();
  const issuer = new URL(provider.issuer);
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (request.method === 'POST' && FORM_PATHS.has(request.url)) {
        await asLink(request, response);
      } else if (JSON_PATHS.has(request.url) && hasJsonBody(request)) {
        await callback(await asFormRequest(request), response);
      } else {
        await callback(request, response);
      }
    } catch (error) {
      if (!(error instanceof errors.InvalidRequest)) throw error;
      refuse(response, error);
    }
  };
  return (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void): void => {
    if (!isProviderPath(request.url)) {
      next();
      return;
    }
    const wrong = objection(request.url ?? '');
    if (wrong) {
      refuse(response, wrong);
      return;
    }
    underIssuer(request, issuer);
    handle(request, response).catch(next);
  };
}

/**
 * A form of another site comes without our session's cookie, which is SameSite=Lax; the link that it is
 * turned into comes with it, and is checked as any other.
 */
async function asLink(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new errors.InvalidRequest('only application/x-www-form-urlencoded is understood here');
  }
  const parameters = new URLSearchParams(await readBody(request));
  response.writeHead(303, { Location: `${request.url}?${parameters.toString()}` });
  response.end();
}

function refuse(response: ServerResponse, { error, error_description }: errors.OIDCProviderError): void {
  response.writeHead(400, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify({ error, error_description }));
}
