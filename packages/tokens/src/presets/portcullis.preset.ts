import type { Preset } from './preset.ts';

/** The identity provider of this repository, in both its dialects. */
export const portcullis: Preset = Object.freeze<Preset>({
  name: 'portcullis',
  typ: ['at+jwt', 'jwt'],
  // By `jti` and `iat` a token can be denied; `permissions` is in no ID token.
  requiredClaims: { jti: 'present', iat: 'present', permissions: 'present' },
  clientClaims: ['client_id', 'azp'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [],
  audienceHint:
    'Ask the issuer for a token for this API: the parameter "audience" (or "resource") with its identifier.',
});
