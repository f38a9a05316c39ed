import type { Preset } from './preset.ts';

/** RFC 9068 and RFC 7519, without any provider's own ways. */
export const generic: Preset = Object.freeze({
  name: 'generic',
  typ: [undefined, 'jwt', 'at+jwt'],
  requiredClaims: {},
  clientClaims: ['client_id', 'azp'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [{ pointer: '/roles', as: 'list' }],
  audienceHint: 'Ask the issuer for a token whose "aud" is one of the option "audience".',
} as const);
