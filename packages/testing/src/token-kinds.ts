import { randomUUID } from 'node:crypto';

/** What a token's default claims are made of. */
export interface Minting {
  readonly issuer: string;
  readonly audience: string;
  /** The API's own client. */
  readonly apiClient: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** What an issuer, or a client, signs: the header's `typ` and the claims of a valid one. */
export interface TokenKind {
  readonly typ: string;
  claims(minting: Minting): Readonly<Record<string, unknown>>;
}

/** The client that all these users signed in with. */
const client = 'test-client';
const subject = 'user|1';
const session = 'session-1';

export const tokenKinds = {
  /** RFC 9068 2.2 */
  accessToken: {
    typ: 'at+jwt',
    claims: ({ issuer, audience, now }) => ({
      iss: issuer,
      sub: subject,
      client_id: client,
      aud: audience,
      iat: now,
      exp: now + 600,
      jti: randomUUID(),
    }),
  },

  /** OpenID Connect Core 2 */
  idToken: {
    typ: 'JWT',
    claims: ({ issuer, now }) => ({
      iss: issuer,
      sub: subject,
      aud: client,
      iat: now,
      exp: now + 600,
      auth_time: now,
      nonce: randomUUID(),
      sid: session,
    }),
  },

  /** No standard gives a refresh token a form; Keycloak's says what it is in its payload. */
  refreshToken: {
    typ: 'JWT',
    claims: ({ issuer, now }) => ({
      typ: 'Refresh',
      iss: issuer,
      sub: subject,
      azp: client,
      aud: issuer,
      iat: now,
      exp: now + 3600,
      jti: randomUUID(),
      sid: session,
      scope: 'openid offline_access',
    }),
  },

  /** OpenID Connect Back-Channel Logout 2.4 */
  logoutToken: {
    typ: 'logout+jwt',
    claims: ({ issuer, now }) => ({
      iss: issuer,
      sub: subject,
      aud: client,
      iat: now,
      exp: now + 120,
      jti: randomUUID(),
      sid: session,
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    }),
  },

  /** OpenID Connect Core 5.3.2 */
  userinfo: {
    typ: 'JWT',
    claims: ({ issuer }) => ({
      iss: issuer,
      sub: subject,
      aud: client,
      email: 'user@example.com',
      email_verified: true,
    }),
  },

  /** JWT Secured Authorization Response Mode 2.1 */
  authorizationResponse: {
    typ: 'JWT',
    claims: ({ issuer, now }) => ({
      iss: issuer,
      aud: client,
      exp: now + 600,
      code: randomUUID(),
      state: randomUUID(),
    }),
  },

  /** RFC 9701 5 */
  introspectionResponse: {
    typ: 'token-introspection+jwt',
    claims: ({ issuer, audience, apiClient, now }) => ({
      iss: issuer,
      aud: apiClient,
      iat: now,
      token_introspection: { active: true, iss: issuer, sub: subject, client_id: client, aud: audience },
    }),
  },

  /** RFC 8417 2: here, that an account was disabled */
  securityEvent: {
    typ: 'secevent+jwt',
    claims: ({ issuer, audience, now }) => ({
      iss: issuer,
      sub: subject,
      aud: audience,
      iat: now,
      jti: randomUUID(),
      events: { 'https://schemas.openid.net/secevent/risc/event-type/account-disabled': {} },
    }),
  },

  /** RFC 7523 3: how the API's own client authenticates itself */
  clientAssertion: {
    typ: 'JWT',
    claims: ({ issuer, apiClient, now }) => ({
      iss: apiClient,
      sub: apiClient,
      aud: issuer,
      iat: now,
      exp: now + 60,
      jti: randomUUID(),
    }),
  },
} as const satisfies Readonly<Record<string, TokenKind>>;
