import type { Preset } from './preset.ts';

/** Okta, custom authorization servers. */
export const okta: Preset = Object.freeze<Preset>({
  name: 'okta',
  // Not `okta-internal-at+jwt`: the tokens of the org authorization server are for Okta's own APIs.
  typ: [undefined, 'jwt', 'at+jwt'],
  algorithms: ['RS256'],
  requiredClaims: { scp: 'present' },
  accessTokenSigns: ['cid'],
  clientClaims: ['cid'],
  machineSigns: [{ claim: 'uid', absent: true }],
  scopes: [{ pointer: '/scp', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [{ pointer: '/groups', as: 'list' }],
  refuseIssuer: (issuer) =>
    /^https:\/\/[^/]+\.(okta|oktapreview|okta-emea)\.com\/?$/.test(issuer)
      ? 'is the org authorization server, whose access tokens only Okta may check: use a custom one, such as https://<domain>/oauth2/default'
      : undefined,
  audienceHint:
    'Okta writes the Audience of the custom authorization server into "aud": compare it (Security, API, Authorization Servers) with "audience".',
});
