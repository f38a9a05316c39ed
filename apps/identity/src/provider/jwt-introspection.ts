import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { ownApiId } from '../clients/client-traits.ts';
import type { ResourceServerStore } from '../people/resource-server-store.ts';
import { isJwtRefusal } from './jwt-refusal.ts';
import type { JwtAccessToken, JwtAccessTokens } from './jwt-access-tokens.ts';
import { ROUTES } from './routes.ts';

/**
 * RFC 7662 for JWT access tokens, which oidc-provider authenticates the client for and then refuses. The
 * API that the token is for may ask, and the client it was issued to; nobody hears of any other token.
 */
export function jwtIntrospection(tokens: JwtAccessTokens, apis: ResourceServerStore) {
  const mayAsk = async (client: Client, token: JwtAccessToken): Promise<boolean> => {
    if (client.clientAuthMethod === 'none') return false;
    if (client.clientId === token.clientId) return true;
    const apiId = ownApiId(client);
    const named = await Promise.all(token.audiences.map((audience) => apis.find(audience)));
    return apiId !== undefined && named.some((api) => api?.id === apiId);
  };
  return async (ctx: KoaContextWithOIDC, next: () => Promise<unknown>): Promise<void> => {
    await next();
    if (ctx.path !== ROUTES.introspection || !isJwtRefusal(ctx) || !ctx.oidc.client) return;
    const token = await tokens.read(String(ctx.oidc.params?.['token']));
    const told = token && (await mayAsk(ctx.oidc.client, token)) && (await tokens.standing(token));
    ctx.status = 200;
    ctx.body = told
      ? {
          ...token.claims,
          active: true,
          client_id: token.clientId,
          token_type: token.claims['cnf'] === undefined ? 'Bearer' : 'DPoP',
        }
      : { active: false };
  };
}
