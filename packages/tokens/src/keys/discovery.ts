import { jsonDocument, UnexpectedStatus } from './json-document.ts';
import { trustedUrl } from './trusted-url.ts';

/** Where an issuer says that its things are. Each is checked when it is asked for. */
export interface Metadata {
  /** @throws TypeError when it is not said, or is no address that keys may come from */
  jwksUri(): URL;
  /** @throws TypeError when it is not said, or is no address that a token may go to */
  introspectionEndpoint(): URL;
}

/** @throws Error when the metadata cannot be had, or are not this issuer's own (RFC 8414 3.3) */
export async function discover(issuer: string, production: boolean, signal: AbortSignal): Promise<Metadata> {
  const metadata = await metadataOf(issuer, signal);
  refuseForeign(issuer, metadata['issuer']);
  return {
    jwksUri: () => trustedUrl('jwks_uri', metadata['jwks_uri'], production),
    introspectionEndpoint: () =>
      trustedUrl('introspection_endpoint', metadata['introspection_endpoint'], production),
  };
}

async function metadataOf(issuer: string, signal: AbortSignal): ReturnType<typeof jsonDocument> {
  try {
    return await jsonDocument(openidConfiguration(issuer), signal);
  } catch (cause) {
    if (!(cause instanceof UnexpectedStatus) || cause.status !== 404) throw cause;
    return jsonDocument(authorizationServerMetadata(issuer), signal);
  }
}

/** OpenID Connect Discovery 4: appended to the issuer, whose own last slash is dropped. */
function openidConfiguration(issuer: string): URL {
  return new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
}

/** RFC 8414 3.1: put between the host and the issuer's path. */
function authorizationServerMetadata(issuer: string): URL {
  const { origin, pathname } = new URL(issuer);
  return new URL(`${origin}/.well-known/oauth-authorization-server${pathname.replace(/\/$/, '')}`);
}

function refuseForeign(issuer: string, named: unknown): void {
  if (named === issuer) return;
  if (typeof named === 'string' && (named === `${issuer}/` || `${named}/` === issuer)) {
    throw new Error(
      `its metadata name "${named}": the trailing slash differs, so configure the issuer exactly so`,
    );
  }
  throw new Error('its metadata name another issuer');
}
