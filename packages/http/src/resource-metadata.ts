import type { Verifier } from '@portcullis/tokens';
import type { Middleware } from './middleware.ts';
import { createProblem, PROBLEM_MEDIA_TYPE } from './problem.ts';

/** Where a client gets a token for this API, and how it sends it (RFC 9728, 2). */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
  readonly dpop_signing_alg_values_supported?: readonly string[];
  readonly dpop_bound_access_tokens_required?: boolean;
}

export interface ResourceMetadataOptions {
  /** The API's own address: https, or http on loopback; no query, no fragment. */
  readonly resource: string;
  /** Issuer identifiers whose tokens are taken. */
  readonly issuer: string | readonly string[];
  /** What a client may ask for. Default: not said. */
  readonly scopes?: readonly string[];
  /** The API's name, for people. Default: not said. */
  readonly name?: string;
  /** Address of a page for developers. Default: not said. */
  readonly documentation?: string;
  /** What is taken by way of bound tokens is read off it. Default: not said. */
  readonly verifier?: Pick<Verifier, 'dpop'>;
}

/**
 * The document about a protected API that its clients find it by.
 *
 * @throws TypeError when `resource` is no address that a client could trust
 */
export function resourceMetadata(options: ResourceMetadataOptions): ResourceMetadata {
  const { resource, issuer, scopes, name, documentation, verifier } = options;
  resourceMetadataUrl(resource);
  return Object.freeze({
    resource,
    authorization_servers: [issuer].flat(),
    bearer_methods_supported: ['header'],
    ...(scopes && { scopes_supported: scopes }),
    ...(name !== undefined && { resource_name: name }),
    ...(documentation !== undefined && { resource_documentation: documentation }),
    ...(verifier?.dpop && {
      dpop_signing_alg_values_supported: verifier.dpop.algorithms,
      dpop_bound_access_tokens_required: verifier.dpop.required,
    }),
  });
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/**
 * Where the document of a resource is: the well-known path goes between the host and the path (RFC 9728, 3.1). It is
 * what `AuthenticatorOptions.resourceMetadata` takes.
 *
 * @throws TypeError when `resource` is no address that a client could trust
 */
export function resourceMetadataUrl(resource: string): string {
  const { origin, pathname } = trustworthy(resource, 'resource');
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`;
}

/** @throws TypeError unless it is https, or http on loopback, without query, fragment and credentials */
export function trustworthy(address: string, option: string): URL {
  const url = URL.parse(address);
  const loopback = url !== null && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const secure = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && loopback));
  if (!secure || url.search + url.hash + url.username + url.password !== '') {
    throw new TypeError(
      `${option} must be an https address without query and fragment, such as "https://menu.example"`,
    );
  }
  return url;
}

/** Answers at the document's own path, to anybody, and lets everything else go on. */
export function serveResourceMetadata(document: ResourceMetadata): Middleware {
  const { pathname } = new URL(resourceMetadataUrl(document.resource));
  const body = JSON.stringify(document);
  return (request, response, next) => {
    const [path] = (request.url ?? '').split('?', 1);
    if (path !== pathname) return next();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD', 'content-type': PROBLEM_MEDIA_TYPE });
      response.end(JSON.stringify(createProblem(405, 'this document is only read')));
      return;
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=3600',
      'content-length': Buffer.byteLength(body),
      // Clients in browsers have to find it too, and it holds nothing of anybody.
      'access-control-allow-origin': '*',
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}
