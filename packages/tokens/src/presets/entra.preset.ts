import type { Preset } from './preset.ts';

const TENANT_ID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const version2 = new RegExp(`^https://login\\.microsoftonline\\.com/(${TENANT_ID})/v2\\.0$`);
const version1 = new RegExp(`^https://sts\\.windows\\.net/(${TENANT_ID})/$`);
const hosts = ['https://login.microsoftonline.com/', 'https://sts.windows.net/'];
const shared = /^https:\/\/login\.microsoftonline\.com\/(common|organizations|consumers|\{[^/]*\})(\/|$)/i;

/** Microsoft Entra ID, tokens of version 1 and 2. */
export const entra: Preset = Object.freeze<Preset>({
  name: 'entra',
  typ: ['jwt'],
  algorithms: ['RS256'],
  requiredClaims: { ver: ['1.0', '2.0'] },
  // An ID token of the API's own registration has the same `aud`, `iss`, keys and perhaps `roles`, and no `nonce` unless
  // one was sent. The client is in access tokens alone, and no claims policy can write either claim.
  accessTokenSigns: ['azp', 'appid'],
  resemblesIdToken: true,
  clientClaims: ['azp', 'appid'],
  // `idtyp` is optional and the API's to switch on; `scp` is always there for a user, and only then.
  machineSigns: [
    { claim: 'idtyp', equals: 'app' },
    { claim: 'scp', absent: true },
  ],
  scopes: [{ pointer: '/scp', as: 'words' }],
  permissions: [{ pointer: '/permissions', as: 'list' }],
  // Not `groups`: it may hold display names, and whoever may create a group would choose a role.
  roles: [{ pointer: '/roles', as: 'list' }],
  issuersOf: (issuer) => {
    const tenant = (version2.exec(issuer) ?? version1.exec(issuer))?.[1];
    if (tenant === undefined) return [issuer];
    return [`https://login.microsoftonline.com/${tenant}/v2.0`, `https://sts.windows.net/${tenant}/`];
  },
  refuseIssuer: (issuer) => {
    if (shared.test(issuer)) {
      return 'stands for many tenants and is in no token: give the issuer of one tenant, or a resolver function that answers for each tenant you trust';
    }
    if (!hosts.some((host) => issuer.startsWith(host)) || version2.test(issuer) || version1.test(issuer)) {
      return undefined;
    }
    return 'is not as tokens have it: https://login.microsoftonline.com/<tenant id>/v2.0 or https://sts.windows.net/<tenant id>/, with the id and not the domain, in lower case';
  },
  audienceHint:
    'Entra ID writes the API\'s client id into "aud" in tokens of version 2, its Application ID URI or client id in version 1: set requestedAccessTokenVersion to 2 in the API\'s manifest, give its client id as "audience", and let the client ask for a scope of this API.',
});
