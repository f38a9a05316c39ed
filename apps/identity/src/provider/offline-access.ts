import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { isFirstParty } from '../clients/client-traits.ts';
import { words } from './access-token-claims.ts';

/**
 * OpenID Connect Core, 11: `offline_access` needs `prompt=consent` "unless other conditions for
 * processing the request permitting offline access are in place". Being first-party is ours: browser
 * libraries ask for it without a prompt. oidc-provider has dropped it by now; this puts it back.
 */
export function restoreOfflineAccess(ctx: KoaContextWithOIDC, client: Client): void {
  const { params } = ctx.oidc;
  const asked = typeof ctx.query['scope'] === 'string' ? words(ctx.query['scope']) : [];
  if (!params || !asked.includes('offline_access')) return;
  if (!isFirstParty(client) || !client.grantTypeAllowed('refresh_token')) return;
  const scope = typeof params['scope'] === 'string' ? words(params['scope']) : [];
  params['scope'] = [...new Set([...scope, 'offline_access'])].join(' ');
}
