import { Inject, Injectable } from '@nestjs/common';
import { errors, Provider, type Grant } from 'oidc-provider';
import type { Actor } from '../changes/actor.ts';
import { isFirstParty } from '../clients/client-traits.ts';
import { ConsentStore, type ConsentedScopes } from '../people/consent-store.ts';
import { ResourceServerStore } from '../people/resource-server-store.ts';
import { scopesInWords } from '../people/scopes-in-words.ts';
import { UserStore } from '../people/user-store.ts';
import { OIDC_SCOPES, words } from '../provider/access-token-claims.ts';
import { confirmsEveryTime } from '../provider/confirmation.ts';
import type { CurrentInteraction } from './current-interaction.ts';

/** What the page shows, in words. */
export interface Wishes {
  readonly asked: readonly string[];
  /** Allowed before, and part of what is asked for. */
  readonly allowed: readonly string[];
}

/** What a client asks a user for, and the grant that records the answer. */
@Injectable()
export class Consent {
  readonly #provider: Provider;
  readonly #users: UserStore;
  readonly #apis: ResourceServerStore;
  readonly #consents: ConsentStore;

  constructor(
    @Inject(Provider) provider: Provider,
    @Inject(UserStore) users: UserStore,
    @Inject(ResourceServerStore) apis: ResourceServerStore,
    @Inject(ConsentStore) consents: ConsentStore,
  ) {
    this.#provider = provider;
    this.#users = users;
    this.#apis = apis;
    this.#consents = consents;
  }

  async userEmail({ details }: CurrentInteraction): Promise<string> {
    return (await this.#users.find(accountIdOf(details)))?.email ?? '';
  }

  /** Everything asked for: what is new, apart from what an earlier answer covers. All is asked when nothing is new. */
  async wishes({ details, client }: CurrentInteraction): Promise<Wishes> {
    const scopes = words(stringParam(details.params['scope']));
    // Of every API that the grant will name: the page must not show less than "Allow" gives.
    const audiences = [details.params['resource']].flat().flatMap((resource) => stringParam(resource) ?? []);
    const ofApis = audiences.map(
      async (audience) => [audience, await this.#askedOf(audience, scopes, { details, client })] as const,
    );
    const all = await this.#inWords({
      oidcScopes: scopes,
      apiScopes: Object.fromEntries(await Promise.all(ofApis)),
    });
    const missing = missingScopes(details.prompt.details);
    const asked = await this.#inWords({
      oidcScopes: missing.oidcScopes,
      apiScopes: missing.apiScopes,
    });
    if (asked.length === 0) return { asked: all, allowed: [] };
    return { asked, allowed: all.filter((wish) => !asked.includes(wish)) };
  }

  /** A first-party client that names no permission gets every one that both of them have. */
  async #askedOf(
    audience: string,
    scopes: readonly string[],
    { details, client }: Pick<CurrentInteraction, 'details' | 'client'>,
  ): Promise<readonly string[]> {
    const api = isFirstParty(client) ? await this.#apis.find(audience) : undefined;
    if (!api) return scopes;
    const descriptions = await this.#apis.descriptions(api);
    if (scopes.some((scope) => descriptions.has(scope))) return scopes;
    const [held, granted] = await Promise.all([
      this.#users.permissions(accountIdOf(details), api.id),
      this.#apis.clientPermissions(client.clientId, api),
    ]);
    return (granted ?? []).filter((name) => held.includes(name));
  }

  #inWords(scopes: ConsentedScopes): Promise<string[]> {
    return scopesInWords(this.#apis, scopes);
  }

  /** Adds what was missing to the grant, and remembers it where that is safe; returns the grant's id. */
  async give(actor: Omit<Actor, 'subject'>, current: CurrentInteraction): Promise<string> {
    const { details, client } = current;
    const accountId = accountIdOf(details);
    const grant =
      (details.grantId === undefined ? undefined : await this.#provider.Grant.find(details.grantId)) ??
      new this.#provider.Grant({ accountId, clientId: client.clientId });
    const missing = missingScopes(details.prompt.details);
    addMissing(grant, missing, details.prompt.details);
    const id = await grant.save();
    if (this.#mayRemember(current)) await this.#remember(actor, accountId, client.clientId, missing);
    return id;
  }

  /** RFC 8252, 8.6: where anybody can pass for the client, each login asks anew. A device has no redirect URI. */
  #mayRemember({ client, redirectUri }: CurrentInteraction): boolean {
    if (client.applicationType === 'native' || redirectUri === undefined) return false;
    return !confirmsEveryTime({ issuer: this.#provider.issuer, route: 'authorization', redirectUri });
  }

  async #remember(
    actor: Omit<Actor, 'subject'>,
    accountId: string,
    clientId: string,
    { oidcScopes, apiScopes }: ConsentedScopes,
  ): Promise<void> {
    if (oidcScopes.length === 0 && Object.keys(apiScopes).length === 0) return;
    const known = await Promise.all(
      Object.entries(apiScopes).map(
        async ([audience, scopes]) =>
          [(await this.#apis.find(audience))?.identifier ?? audience, scopes] as const,
      ),
    );
    const given = { oidcScopes, apiScopes: Object.fromEntries(known) };
    await this.#consents.give({ ...actor, subject: accountId }, accountId, clientId, given);
  }
}

/** What oidc-provider found to be missing in the grant. */
function missingScopes(details: Readonly<Record<string, unknown>>): ConsentedScopes {
  const { missingOIDCScope, missingResourceScopes, missingResources } = details;
  const scopes = typeof missingResourceScopes === 'object' && missingResourceScopes !== null;
  return {
    oidcScopes: isStrings(missingOIDCScope) ? missingOIDCScope.filter((scope) => OIDC_SCOPES.has(scope)) : [],
    apiScopes: Object.fromEntries([
      ...(isStrings(missingResources) ? missingResources.map((resource) => [resource, []] as const) : []),
      ...Object.entries(scopes ? missingResourceScopes : {}).flatMap(
        ([resource, names]: [string, unknown]) => (isStrings(names) ? [[resource, names] as const] : []),
      ),
    ]),
  };
}

function addMissing(
  grant: Grant,
  { oidcScopes, apiScopes }: ConsentedScopes,
  { missingOIDCClaims }: Readonly<Record<string, unknown>>,
): void {
  if (oidcScopes.length > 0) grant.addOIDCScope(oidcScopes.join(' '));
  if (isStrings(missingOIDCClaims)) grant.addOIDCClaims(missingOIDCClaims);
  for (const [resource, scopes] of Object.entries(apiScopes)) {
    if (scopes.length > 0) grant.addResourceScope(resource, scopes.join(' '));
  }
}

function accountIdOf(details: CurrentInteraction['details']): string {
  const accountId = details.session?.accountId;
  if (accountId === undefined) throw new errors.SessionNotFound('nobody is logged in');
  return accountId;
}

const stringParam = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const isStrings = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
