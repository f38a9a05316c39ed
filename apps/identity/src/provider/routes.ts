/** Where oidc-provider answers; everything else is Nest's. */
export const ROUTES = {
  authorization: '/authorize',
  pushed_authorization_request: '/oauth/par',
  token: '/oauth/token',
  device_authorization: '/oauth/device/code',
  code_verification: '/activate',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  userinfo: '/userinfo',
  jwks: '/.well-known/jwks.json',
  end_session: '/oidc/logout',
} as const;

const PROVIDER_PATH =
  /^\/(?:\.well-known\/(?:openid-configuration|oauth-authorization-server|jwks\.json)|(?:authorize|activate)(?:\/[\w-]+)?|oauth\/(?:token|par|device\/code|revoke|introspect)|userinfo|oidc\/logout(?:\/confirm|\/success)?|v2\/logout)$/;

export function isProviderPath(url: string | undefined): boolean {
  return PROVIDER_PATH.test((url ?? '').split('?', 1)[0] ?? '');
}
