import type { Preset } from './preset.ts';

/** Auth0, in the Auth0 and the RFC 9068 token profile. */
export const auth0: Preset = Object.freeze<Preset>({
  name: 'auth0',
  typ: ['jwt', 'at+jwt'],
  algorithms: ['RS256', 'PS256'],
  requiredClaims: {},
  clientClaims: ['client_id', 'azp'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  // By an Action of the tenant, as a claim named after the API.
  roles: [{ pointer: '/{audience}~1roles', as: 'list' }],
  refuseIssuer: (issuer) =>
    issuer.endsWith('/') ? undefined : 'lacks the slash that the issuer of every Auth0 token ends in',
  audienceHint:
    'Auth0 names an API in "aud" when the client sends the parameter "audience" with the API\'s Identifier, or when the tenant has a Default Audience.',
});
