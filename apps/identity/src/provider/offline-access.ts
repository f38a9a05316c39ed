import { decodeJwt } from 'jose';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { isFirstParty } from '../clients/client-traits.ts';
import type { Api } from '../people/resource-server-store.ts';
import { words } from './access-token-claims.ts';

const OFFLINE_ACCESS = 'offline_access';

/**
 * OpenID Connect Core, 11: `offline_access` needs `prompt=consent` "unless other conditions for
 * processing the request permitting offline access are in place". Being first-party is ours: browser
 * libraries ask for it without a prompt. oidc-provider has dropped it by now; this puts it back, or
 * drops it for an API that allows none.
 */
export function settleOfflineAccess(ctx: KoaContextWithOIDC, client: Client, api: Api | undefined): void {
  const { params } = ctx.oidc;
  if (!params) return;
  const scope = typeof params['scope'] === 'string' ? words(params['scope']) : [];
  const others = scope.filter((one) => one !== OFFLINE_ACCESS);
  if (api?.allowOfflineAccess === false) {
    params['scope'] = others.join(' ') || undefined;
    return;
  }
  if (!askedScope(ctx).includes(OFFLINE_ACCESS)) return;
  if (!isFirstParty(client) || !client.grantTypeAllowed('refresh_token')) return;
  params['scope'] = [...others, OFFLINE_ACCESS].join(' ');
}

/** As the client sent it: in the address, in a form, or pushed before (RFC 9126). */
function askedScope({ oidc, query }: KoaContextWithOIDC): string[] {
  const pushed = oidc.entities.PushedAuthorizationRequest?.request;
  const scope = pushed === undefined ? (oidc.body?.['scope'] ?? query['scope']) : decodeJwt(pushed)['scope'];
  return typeof scope === 'string' ? words(scope) : [];
}
