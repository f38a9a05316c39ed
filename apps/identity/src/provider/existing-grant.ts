import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { consentsAutomatically } from '../clients/client-traits.ts';
import { asked, confirmsEveryTime } from './confirmation.ts';

/**
 * The grant of this login, if any. For a client that needs no consent it is made, or extended to all
 * that is asked for: the grant is a ceiling, and what the user holds is looked up at each issuance.
 */
export async function loadExistingGrant(ctx: KoaContextWithOIDC): Promise<Grant | undefined> {
  const { client, account, session, provider, result, resourceServers } = ctx.oidc;
  if (!client || !account || !session) return undefined;
  const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  const found = id === undefined ? undefined : await provider.Grant.find(id);
  const known = found?.accountId === account.accountId ? found : undefined;
  if (!consentsAutomatically(client) || confirmsEveryTime(asked(ctx.oidc))) return known;

  const grant = known ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const before = JSON.stringify([grant.openid, grant.resources]);
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  for (const [resource, { scopes }] of Object.entries(resourceServers ?? {})) {
    grant.addResourceScope(resource, [...scopes].join(' '));
  }
  if (known === undefined || JSON.stringify([grant.openid, grant.resources]) !== before) await grant.save();
  return grant;
}
