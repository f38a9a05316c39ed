import type { Preset } from './preset.ts';

/** Ory Hydra and Ory Network, with JWTs for access tokens. */
export const hydra: Preset = Object.freeze<Preset>({
  name: 'hydra',
  typ: ['jwt', 'at+jwt'],
  requiredClaims: { jti: 'present' },
  accessTokenSigns: ['client_id'],
  clientClaims: ['client_id'],
  machineSigns: [],
  // `scp` is a list and `scope` words; strategies.jwt.scope_claim chooses one or both.
  scopes: [
    { pointer: '/scp', as: 'words' },
    { pointer: '/scope', as: 'words' },
  ],
  permissions: [
    { pointer: '/permissions', as: 'list' },
    { pointer: '/ext/permissions', as: 'list' },
  ],
  roles: [{ pointer: '/ext/roles', as: 'list' }],
  audienceHint:
    'Hydra names an API in "aud" when it is on the client\'s "audience" list and the client sends it as the parameter "audience".',
});
