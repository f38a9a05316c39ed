import type { Preset } from './preset.ts';

export const authentik: Preset = Object.freeze<Preset>({
  name: 'authentik',
  typ: [undefined, 'jwt', 'at+jwt'],
  requiredClaims: {},
  resemblesIdToken: true,
  clientClaims: ['client_id', 'azp'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [
    { pointer: '/groups', as: 'list' },
    { pointer: '/entitlements', as: 'list' },
    { pointer: '/roles', as: 'list' },
  ],
  mustIntrospect: 'it writes the same audience, issuer and key into access tokens and ID tokens',
  audienceHint: 'authentik writes the client id of the provider into "aud": give it as "audience".',
});
