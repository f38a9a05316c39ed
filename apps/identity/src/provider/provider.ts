import type { Log } from '@portcullis/service';
import { errors, Provider, type AdapterFactory } from 'oidc-provider';
import { CLIENT_PROPERTIES } from '../clients/client.adapter.ts';
import { secretMatches } from '../clients/client-secret.ts';
import { redirectOrigins } from '../clients/client-traits.ts';
import { deriveKey } from '../keys/derived-key.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { renderErrorPage, renderLoggedOutPage, renderLogoutPage } from '../pages/provider-pages.tsx';
import type { ResourceServerStore } from '../people/resource-server-store.ts';
import type { UserStore } from '../people/user-store.ts';
import type { Settings } from '../settings.ts';
import { accessTokenClaims, OIDC_SCOPES } from './access-token-claims.ts';
import { writeDialect } from './access-token-dialect.ts';
import { findAccount, roleClaims } from './account.ts';
import { auth0Logout } from './auth0-logout.ts';
import { logEvents } from './event-log.ts';
import { loadExistingGrant } from './existing-grant.ts';
import { formAction } from './form-action.ts';
import { createInteractionPolicy } from './interaction-policy.ts';
import { restoreOfflineAccess } from './offline-access.ts';
import { ResourceIndicator } from './resource-indicator.ts';
import { followKeyRing } from './provider-keys.ts';
import { ROUTES } from './routes.ts';
import { tokenResponse } from './token-response.ts';
import { userinfoForJwt } from './userinfo-jwt.ts';
import { webMessageFrame } from './web-message-frame.ts';

const DAY = 24 * 60 * 60;

export async function createProvider(parts: {
  readonly settings: Settings;
  readonly secret: string;
  readonly keys: KeyRing;
  readonly adapter: AdapterFactory;
  readonly users: UserStore;
  readonly apis: ResourceServerStore;
  readonly log: Log;
}): Promise<Provider> {
  const { settings, users, apis } = parts;
  const { issuer, auth0Dialect } = settings;
  const secure = issuer.startsWith('https:');
  const indicator = new ResourceIndicator(apis, users);
  const cookie = { signed: true, httpOnly: true, sameSite: 'lax', secure } as const;

  const provider = new Provider(issuer, {
    adapter: parts.adapter,
    jwks: { keys: [...parts.keys.published] },
    routes: ROUTES,
    responseTypes: ['code'],
    scopes: [...OIDC_SCOPES],
    claims: {
      openid: ['sub', 'auth_time', 'acr', 'amr', ...roleClaims(await apis.audiences())],
      profile: ['name', 'nickname', 'picture', 'updated_at'],
      email: ['email', 'email_verified'],
    },
    // Auth0's clients read the profile from the ID token.
    conformIdTokenClaims: false,
    // RFC 9700, 2.1.1: public clients use PKCE, and so do all others.
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    extraClientMetadata: { properties: CLIENT_PROPERTIES },
    extraParams: { audience: (ctx, _value, client) => restoreOfflineAccess(ctx, client) },
    clientBasedCORS: (_ctx, origin, client) => redirectOrigins(client).includes(origin),
    cookies: {
      // The first signs; what the former secret signed is good for as long as it is named.
      keys: [parts.secret, settings.formerKeyEncryptionSecret ?? []]
        .flat()
        .map((secret) => Buffer.from(deriveKey(secret, 'cookie-signature')).toString('base64url')),
      // RFC 6265, 8.5: cookies ignore ports, so that every app on localhost shares one jar.
      names: {
        session: 'portcullis.identity.session',
        interaction: 'portcullis.identity.interaction',
        resume: 'portcullis.identity.resume',
      },
      long: cookie,
      short: cookie,
    },
    ttl: {
      AccessToken: settings.accessTokenTtl,
      ClientCredentials: settings.accessTokenTtl,
      AuthorizationCode: 60,
      IdToken: 60 * 60,
      Interaction: 60 * 60,
      Session: 14 * DAY,
      Grant: 30 * DAY,
      // Rotation hands on what is left: whoever keeps refreshing still has to log in again.
      RefreshToken: (ctx) => ctx.oidc.entities.RotatedRefreshToken?.remainingTTL ?? 14 * DAY,
    },
    // RFC 9700, 4.14.2: a public client's refresh token is good for one use.
    rotateRefreshToken: ({ oidc }) => oidc.client?.clientAuthMethod === 'none',
    // Logging out of the browser ends what was started there; a command line outlives it.
    expiresWithSession: ({ oidc }) => oidc.client?.applicationType !== 'native',
    findAccount: (ctx, id) => findAccount(id, users, apis, ctx.oidc.client),
    loadExistingGrant,
    extraTokenClaims: (ctx, token) => accessTokenClaims(ctx, token, auth0Dialect),
    formats: {
      customizers: { jwt: (ctx, token, jwt) => writeDialect(ctx, token, jwt, { issuer, auth0Dialect }) },
    },
    interactions: {
      policy: createInteractionPolicy(),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    renderError: renderErrorPage,
    features: {
      devInteractions: { enabled: false },
      // Neither the API nor /userinfo checks proofs yet, so no token is bound to a key.
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      userinfo: { enabled: true },
      revocation: {
        enabled: true,
        // RFC 7009, 2.1: a token of another client is refused, and the client told so.
        allowedPolicy: (_ctx, client, token) => {
          if (token.clientId === client.clientId) return true;
          throw new errors.InvalidRequest('the token was issued to another client');
        },
      },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) =>
          client.clientAuthMethod !== 'none' && token.clientId === client.clientId,
      },
      webMessageResponseMode: { enabled: true, ack: 'individual-draft-01' },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, _client, oneOf) => indicator.default(ctx, oneOf),
        getResourceServerInfo: (ctx, audience, client) => indicator.info(ctx, audience, client),
        useGrantedResource: () => true,
      },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: renderLogoutPage,
        postLogoutSuccessSource: renderLoggedOutPage,
      },
    },
  });

  followKeyRing(provider, parts.keys);
  provider.proxy = secure;
  // Every token names its session: without that, logging out could not reach it.
  provider.Client.prototype.includeSid = () => true;
  provider.Client.prototype.compareClientSecret = function (presented: string) {
    return this.clientSecret !== undefined && secretMatches(this.clientSecret, presented);
  };
  provider.use(webMessageFrame);
  provider.use(formAction);
  provider.use(auth0Logout(provider, parts.log, renderErrorPage));
  provider.use(userinfoForJwt(provider, parts.keys, users));
  provider.use(tokenResponse({ auth0Dialect }));
  logEvents(provider, parts.log);
  return provider;
}
