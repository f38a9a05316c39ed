import type { Log } from '@portcullis/service';
import { errors, Provider, type AdapterFactory, type KoaContextWithOIDC } from 'oidc-provider';
import type { RefreshRotation } from '../artifacts/refresh-rotation.ts';
import { isWholeLogout } from '../artifacts/who-ends.ts';
import { accountClient } from '../clients/account-client.ts';
import { CLIENT_PROPERTIES } from '../clients/client.adapter.ts';
import { secretMatches } from '../clients/client-secret.ts';
import { callingOrigins } from '../clients/client-traits.ts';
import type { DevicePolls } from '../artifacts/device-polls.ts';
import type { ChangeLog } from '../changes/change-log.ts';
import { deriveKey } from '../keys/derived-key.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { outgoingFetch } from '../logout/outgoing-fetch.ts';
import { devicePages } from '../pages/device-pages.tsx';
import { renderErrorPage, renderLoggedOutPage, renderLogoutPage } from '../pages/provider-pages.tsx';
import type { BrowserSessionStore } from '../people/browser-session-store.ts';
import type { ConsentStore } from '../people/consent-store.ts';
import type { ResourceServerStore } from '../people/resource-server-store.ts';
import type { UserStore } from '../people/user-store.ts';
import type { Denials } from '../revocation/denials.ts';
import type { Settings } from '../settings.ts';
import { accessTokenClaims, OIDC_SCOPES } from './access-token-claims.ts';
import { writeDialect } from './access-token-dialect.ts';
import { findAccount, roleClaims } from './account.ts';
import { answerUnavailable } from './answer-unavailable.ts';
import { auth0Logout } from './auth0-logout.ts';
import { deviceSession } from './device-session.ts';
import { logEvents } from './event-log.ts';
import { finishRotation } from './finish-rotation.ts';
import { loadExistingGrant } from './existing-grant.ts';
import { formAction } from './form-action.ts';
import { checkAssertion } from './client-assertion.ts';
import { createInteractionPolicy, PASSWORD_ACR } from './interaction-policy.ts';
import { JwtAccessTokens } from './jwt-access-tokens.ts';
import { jwtIntrospection } from './jwt-introspection.ts';
import { jwtRevocation } from './jwt-revocation.ts';
import { settleOfflineAccess } from './offline-access.ts';
import { takeOneTimeValuesOnce } from './one-time-values.ts';
import { ProofOfPossession } from './proof-of-possession.ts';
import { ResourceIndicator } from './resource-indicator.ts';
import { followKeyRing } from './provider-keys.ts';
import { ROUTES } from './routes.ts';
import { sessionDevice } from './session-device.ts';
import { tokenDialect } from './token-dialect.ts';
import { tokenResponse } from './token-response.ts';
import { userinfoForJwt } from './userinfo-jwt.ts';
import { webMessageFrame } from './web-message-frame.ts';

const DAY = 24 * 60 * 60;

export async function createProvider(parts: {
  readonly settings: Settings;
  readonly secret: string;
  readonly keys: KeyRing;
  readonly adapter: AdapterFactory;
  readonly rotation: RefreshRotation;
  readonly users: UserStore;
  readonly apis: ResourceServerStore;
  readonly changes: ChangeLog;
  readonly denials: Denials;
  readonly polls: DevicePolls;
  readonly consents: ConsentStore;
  readonly sessions: BrowserSessionStore;
  readonly log: Log;
}): Promise<Provider> {
  const { settings, users, apis } = parts;
  const { issuer, auth0Dialect } = settings;
  const secure = issuer.startsWith('https:');
  const indicator = new ResourceIndicator(apis, users, parts.changes);
  const dialectOf = (ctx: KoaContextWithOIDC) =>
    ctx.oidc.client
      ? tokenDialect(ctx.oidc.client, indicator.apiOf(ctx), auth0Dialect)
      : { api: undefined, auth0: auth0Dialect };
  const cookie = { signed: true, httpOnly: true, sameSite: 'lax', secure } as const;

  const provider = new Provider(issuer, {
    adapter: parts.adapter,
    // Not in the client table: administration cannot change what our own pages are.
    clients: [accountClient(issuer)],
    jwks: { keys: [...parts.keys.published] },
    routes: ROUTES,
    responseTypes: ['code'],
    scopes: [...OIDC_SCOPES],
    acrValues: [PASSWORD_ACR],
    claims: {
      openid: ['sub', 'auth_time', 'acr', 'amr', ...roleClaims(await apis.audiences())],
      profile: ['name', 'nickname', 'picture', 'updated_at'],
      email: ['email', 'email_verified'],
    },
    // Auth0's clients read the profile from the ID token.
    conformIdTokenClaims: false,
    // RFC 9700, 2.1.1: public clients use PKCE, and so do all others.
    pkce: { required: () => true },
    // RFC 6749, 4.1.3: a code is bound to the address that it was sent to, which is always named.
    allowOmittingSingleRegisteredRedirectUri: false,
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    assertJwtClientAuthClaimsAndHeader: (_ctx, claims) => checkAssertion(claims),
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    extraClientMetadata: { properties: CLIENT_PROPERTIES },
    extraParams: {
      audience: (ctx, _value, client) => settleOfflineAccess(ctx, client, indicator.apiOf(ctx)),
    },
    clientBasedCORS: (_ctx, origin, client) => callingOrigins(client).includes(origin),
    fetch: outgoingFetch({ loopback: !settings.strict }),
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
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? settings.accessTokenTtl,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? settings.accessTokenTtl,
      DeviceCode: 10 * 60,
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
    revokeGrantPolicy: (ctx) => !isWholeLogout(ctx),
    findAccount: (ctx, id) => findAccount(id, users, apis, ctx.oidc.client),
    loadExistingGrant: (ctx) => loadExistingGrant(ctx, parts.consents),
    extraTokenClaims: (ctx, token) => accessTokenClaims(ctx, token, dialectOf(ctx)),
    formats: {
      customizers: {
        jwt: (ctx, token, jwt) => writeDialect(ctx, token, jwt, { issuer, dialect: dialectOf(ctx) }),
      },
    },
    interactions: {
      policy: createInteractionPolicy(parts.consents),
      url: (_ctx, interaction) => `/interaction/${interaction.uid}`,
    },
    renderError: renderErrorPage,
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: Buffer.from(deriveKey(parts.secret, 'dpop-nonce')) },
      pushedAuthorizationRequests: { enabled: true },
      deviceFlow: { enabled: true, ...devicePages },
      backchannelLogout: { enabled: true },
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

  takeOneTimeValuesOnce(provider);
  followKeyRing(provider, parts.keys);
  provider.proxy = secure;
  // Every token names its session: without that, logging out could not reach it.
  provider.Client.prototype.includeSid = () => true;
  provider.Client.prototype.compareClientSecret = function (presented: string) {
    return this.clientSecret !== undefined && secretMatches(this.clientSecret, presented);
  };
  provider.use(answerUnavailable(provider, renderErrorPage));
  provider.use(sessionDevice(parts.sessions));
  provider.use(webMessageFrame);
  provider.use(formAction);
  provider.use(auth0Logout(provider, parts.log, renderErrorPage));
  const tokens = new JwtAccessTokens({ provider, keys: parts.keys, users, denials: parts.denials });
  provider.use(deviceSession(provider));
  provider.use(userinfoForJwt(provider, tokens, new ProofOfPossession(provider, parts.keys)));
  provider.use(jwtIntrospection(tokens, apis));
  provider.use(jwtRevocation(tokens, parts.changes));
  provider.use(tokenResponse({ auth0Dialect, polls: parts.polls }));
  provider.use(finishRotation(provider, parts.rotation));
  logEvents(provider, parts.log);
  return provider;
}
