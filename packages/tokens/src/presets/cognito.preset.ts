import type { Preset } from './preset.ts';

/** Amazon Cognito user pools. */
export const cognito: Preset = Object.freeze<Preset>({
  name: 'cognito',
  typ: [undefined, 'jwt', 'at+jwt'],
  algorithms: ['RS256'],
  requiredClaims: { token_use: ['access'], client_id: 'present' },
  resemblesIdToken: true,
  audienceStandIn: 'client_id',
  clientClaims: ['client_id'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [{ pointer: '/cognito:groups', as: 'list' }],
  refuseIssuer: (issuer) =>
    /^https:\/\/[^/]+\.amazoncognito\.com(\/|$)/.test(issuer)
      ? 'is the domain of the login pages: tokens name https://cognito-idp.<region>.amazonaws.com/<user pool id>'
      : undefined,
  audienceHint:
    'Cognito leaves "aud" out unless the client sent "resource" to the authorize endpoint, and "client_id" stands in for it: give the ids of the app clients that may call this API as "audience", beside its resource identifier.',
});
