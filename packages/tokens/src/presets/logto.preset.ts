import type { Preset } from './preset.ts';

export const logto: Preset = Object.freeze<Preset>({
  name: 'logto',
  typ: ['at+jwt'],
  requiredClaims: { client_id: 'present' },
  clientClaims: ['client_id'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [{ pointer: '/roles', as: 'list' }],
  audienceHint:
    'Logto names an API resource in "aud" when the client sends its indicator as "resource", in the authorization request and in the token request.',
});
