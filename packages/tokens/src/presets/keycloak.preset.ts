import type { Preset } from './preset.ts';

export const keycloak: Preset = Object.freeze<Preset>({
  name: 'keycloak',
  typ: ['jwt', 'at+jwt'],
  requiredClaims: { typ: ['Bearer', 'DPoP'] },
  resemblesIdToken: true,
  clientClaims: ['azp', 'client_id'],
  // Of the client scope "service_account". `preferred_username` tells as much, but by a name that a user might choose.
  machineSigns: [{ claim: 'client_id' }],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [
    { pointer: '/realm_access/roles', as: 'list' },
    { pointer: '/resource_access/{audience}/roles', as: 'list' },
  ],
  refuseIssuer: (issuer) =>
    /\/realms\/[^/]+\/$/.test(issuer)
      ? 'ends in a slash, and the issuer of a Keycloak realm does not'
      : undefined,
  audienceHint:
    'Keycloak names an API in "aud" only by a mapper: add one of the type Audience, with this API as the Included Custom Audience, to a client scope, and that scope to the client.',
});
