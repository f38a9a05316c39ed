import type { Client } from 'oidc-provider';
import { speaksAuth0 } from '../clients/client-traits.ts';
import type { Api } from '../people/resource-server-store.ts';

/** How the access token of a request is written. */
export interface TokenDialect {
  readonly api: Api | undefined;
  /** Auth0's older shape, because the client, the API or the whole server asks for it. */
  readonly auth0: boolean;
}

export function tokenDialect(client: Client, api: Api | undefined, everyone: boolean): TokenDialect {
  const ofApi = api?.tokenDialect.startsWith('access_token') === true;
  return { api, auth0: ofApi || speaksAuth0(client, everyone) };
}

/** Auth0's `…_authz`, while the API has its permissions enforced by us. */
export function carriesPermissions(api: Api | undefined): boolean {
  return api === undefined || (api.enforcePolicies && api.tokenDialect.endsWith('_authz'));
}
