import { isLoopback } from '@portcullis/service';
import type { KoaContextWithOIDC } from 'oidc-provider';

/** A request for authorization, as far as it tells who can have made it. */
export interface Asked {
  readonly issuer: string;
  /** oidc-provider's name of the route. */
  readonly route: string;
  readonly redirectUri: string | undefined;
}

/**
 * Whether the person has to confirm it every time, because anybody can have started it in a client's name: a
 * device (RFC 8628, 5.4), or a program on the person's own machine (RFC 8252, 8.6). While the issuer itself is
 * on loopback, so is every client in development. Native clients are oidc-provider's to ask about.
 */
export function confirmsEveryTime({ issuer, route, redirectUri }: Asked): boolean {
  if (route === 'code_verification' || route === 'device_resume') return true;
  if (redirectUri === undefined || !URL.canParse(redirectUri)) return false;
  return isLoopback(new URL(redirectUri).hostname) && !isLoopback(new URL(issuer).hostname);
}

export function asked({ issuer, route, params }: KoaContextWithOIDC['oidc']): Asked {
  const redirectUri = params?.['redirect_uri'];
  return { issuer, route, redirectUri: typeof redirectUri === 'string' ? redirectUri : undefined };
}
