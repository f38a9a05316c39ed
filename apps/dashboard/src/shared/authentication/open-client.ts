import { Auth0Client } from '@auth0/auth0-spa-js';
import workerUrl from '@auth0/auth0-spa-js/dist/auth0-spa-js.worker.production.js?url';
import type { Settings } from '../settings.ts';
import { CALLBACK_PATH } from './authentication-service.ts';

/** The SDK, told to keep every token in memory. It reaches nobody until it is asked for something. */
export async function openClient(settings: Settings): Promise<Auth0Client> {
  return new Auth0Client({
    domain: settings.domain,
    clientId: settings.clientId,
    cacheLocation: 'memory',
    useRefreshTokens: true,
    useRefreshTokensFallback: true,
    workerUrl,
    legacySameSiteCookie: false,
    authorizeTimeoutInSeconds: 15,
    anonymousSessionsCacheMode: 'memory',
    authorizationParams: {
      audience: settings.audience,
      redirect_uri: `${location.origin}${CALLBACK_PATH}`,
      scope: 'openid profile email offline_access',
    },
  });
}
