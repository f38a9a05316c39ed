import type { Preset } from './preset.ts';

export const zitadel: Preset = Object.freeze<Preset>({
  name: 'zitadel',
  typ: ['jwt', 'at+jwt'],
  requiredClaims: {},
  // Its ID tokens name the project in `aud` as well.
  accessTokenSigns: ['jti'],
  clientClaims: ['client_id', 'azp'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [
    { pointer: '/urn:zitadel:iam:org:project:{audience}:roles', as: 'keys' },
    { pointer: '/urn:zitadel:iam:org:project:roles', as: 'keys' },
  ],
  audienceHint:
    'Zitadel names a project in "aud" when the client asks for the scope urn:zitadel:iam:org:project:id:<project id>:aud; "audience" is the project id.',
});
