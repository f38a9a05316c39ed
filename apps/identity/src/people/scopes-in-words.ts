import type { ConsentedScopes } from './consent-store.ts';
import type { ResourceServerStore } from './resource-server-store.ts';

const OIDC_SCOPES: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your name and picture',
  email: 'See your e-mail address',
  offline_access: 'Stay connected while you are away',
};

/** What scopes let a client do, in the words of whoever described them. */
export async function scopesInWords(
  apis: ResourceServerStore,
  { oidcScopes, apiScopes }: ConsentedScopes,
): Promise<string[]> {
  const ofApis = await Promise.all(
    Object.entries(apiScopes).map(([audience, scopes]) => permissionsInWords(apis, audience, scopes)),
  );
  return [...new Set([...oidcScopes.flatMap((scope) => OIDC_SCOPES[scope] ?? []), ...ofApis.flat()])];
}

async function permissionsInWords(
  apis: ResourceServerStore,
  audience: string,
  scopes: readonly string[],
): Promise<string[]> {
  const api = await apis.find(audience);
  if (!api) return [];
  const descriptions = await apis.descriptions(api);
  const described = scopes.flatMap((scope) => descriptions.get(scope) ?? []);
  return described.length === 0 ? ['Use the API in your name'] : described;
}
