import type { Preset } from './preset.ts';

/** RFC 9068 and RFC 7519, with nothing of one provider's own. */
export const generic: Preset = Object.freeze<Preset>({
  name: 'generic',
  typ: [undefined, 'jwt', 'at+jwt'],
  requiredClaims: {},
  clientClaims: ['client_id', 'azp'],
  machineSigns: [],
  scopes: [{ pointer: '/scope', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  roles: [{ pointer: '/roles', as: 'list' }],
  audienceHint:
    'The client has to ask the issuer for a token for this API, by "resource" (RFC 8707) or the issuer\'s own parameter.',
});
