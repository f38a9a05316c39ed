/** Where oidc-provider answers; everything else is Nest's. */
export const ROUTES = {
  authorization: '/authorize',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  userinfo: '/userinfo',
  jwks: '/.well-known/jwks.json',
  end_session: '/oidc/logout',
} as const;

const PROVIDER_PATH =
  /^\/(?:\.well-known\/(?:openid-configuration|oauth-authorization-server|jwks\.json)|authorize(?:\/[\w-]+)?|oauth\/(?:token|revoke|introspect)|userinfo|oidc\/logout(?:\/confirm|\/success)?|v2\/logout)$/;

export function isProviderPath(url: string | undefined): boolean {
  return PROVIDER_PATH.test((url ?? '').split('?', 1)[0] ?? '');
}
