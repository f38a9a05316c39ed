import type { Grant, KoaContextWithOIDC } from 'oidc-provider';
import { consentsAutomatically } from '../clients/client-traits.ts';
import type { ConsentStore } from '../people/consent-store.ts';
import { asked, confirmsEveryTime } from './confirmation.ts';

/**
 * The grant of this login, if any. For a client that needs no consent it is made, or extended to all
 * that is asked for: the grant is a ceiling, and what the user holds is looked up at each issuance.
 * For a third-party client it is extended to what its user agreed to at an earlier login.
 */
export async function loadExistingGrant(
  ctx: KoaContextWithOIDC,
  consents: ConsentStore,
): Promise<Grant | undefined> {
  const { client, account, session, provider, result } = ctx.oidc;
  if (!client || !account || !session) return undefined;
  const id = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  const found = id === undefined ? undefined : await provider.Grant.find(id);
  const known = found?.accountId === account.accountId ? found : undefined;
  if (confirmsEveryTime(asked(ctx.oidc))) return known;
  const grant = known ?? new provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  const before = JSON.stringify([grant.openid, grant.resources]);

  if (consentsAutomatically(client)) allowAll(ctx, grant);
  else await allowRemembered(ctx, grant, consents);
  const changed = JSON.stringify([grant.openid, grant.resources]) !== before;
  if (changed || (known === undefined && consentsAutomatically(client))) {
    await grant.save();
    return grant;
  }
  return known;
}

function allowAll({ oidc }: KoaContextWithOIDC, grant: Grant): void {
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  for (const [resource, { scopes }] of Object.entries(oidc.resourceServers ?? {})) {
    grant.addResourceScope(resource, [...scopes].join(' '));
  }
}

async function allowRemembered(
  { oidc }: KoaContextWithOIDC,
  grant: Grant,
  consents: ConsentStore,
): Promise<void> {
  const { client, account } = oidc;
  // RFC 8252, 8.6: anybody can pass for a native client, so that each login asks anew.
  if (!client || !account || client.applicationType === 'native') return;
  const consented = await consents.find(account.accountId, client.clientId);
  if (!consented) return;
  const oidcScopes = consented.oidcScopes.filter((scope) => oidc.requestParamOIDCScopes.has(scope));
  if (oidcScopes.length > 0) grant.addOIDCScope(oidcScopes.join(' '));
  for (const [resource, server] of Object.entries(oidc.resourceServers ?? {})) {
    const agreed = consented.apiScopes[server.audience ?? resource] ?? [];
    const wanted = agreed.filter((scope) => oidc.requestParamScopes.has(scope) && server.scopes.has(scope));
    if (wanted.length > 0) grant.addResourceScope(resource, wanted.join(' '));
  }
}
