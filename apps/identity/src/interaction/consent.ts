import { Inject, Injectable } from '@nestjs/common';
import { errors, Provider, type Grant } from 'oidc-provider';
import { isFirstParty } from '../clients/client-traits.ts';
import { ResourceServerStore, type Api } from '../people/resource-server-store.ts';
import { UserStore } from '../people/user-store.ts';
import { words } from '../provider/access-token-claims.ts';
import type { CurrentInteraction } from './current-interaction.ts';

const OIDC_WISHES: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'See your name and picture',
  email: 'See your e-mail address',
  offline_access: 'Stay connected while you are away',
};

/** What a client asks a user for, and the grant that records the answer. */
@Injectable()
export class Consent {
  readonly #provider: Provider;
  readonly #users: UserStore;
  readonly #apis: ResourceServerStore;

  constructor(
    @Inject(Provider) provider: Provider,
    @Inject(UserStore) users: UserStore,
    @Inject(ResourceServerStore) apis: ResourceServerStore,
  ) {
    this.#provider = provider;
    this.#users = users;
    this.#apis = apis;
  }

  async userEmail({ details }: CurrentInteraction): Promise<string> {
    return (await this.#users.find(accountIdOf(details)))?.email ?? '';
  }

  /** Everything asked for, in words; what an earlier grant covers as well, for the whole is what is allowed. */
  async wishes({ details, client }: CurrentInteraction): Promise<string[]> {
    const scopes = words(stringParam(details.params['scope']));
    const ofOidc = scopes.flatMap((scope) => OIDC_WISHES[scope] ?? []);
    // Of every API that the grant will name: the page must not show less than "Allow" gives.
    const ofApis = await Promise.all(
      [details.params['resource']]
        .flat()
        .map((resource) => this.#wishesOf(stringParam(resource), scopes, { details, client })),
    );
    return [...ofOidc, ...ofApis.flat()];
  }

  async #wishesOf(
    audience: string | undefined,
    scopes: readonly string[],
    { details, client }: Pick<CurrentInteraction, 'details' | 'client'>,
  ): Promise<readonly string[]> {
    const api = audience === undefined ? undefined : await this.#apis.find(audience);
    if (!api) return [];
    const descriptions = await this.#apis.descriptions(api);
    const asked = scopes.filter((scope) => descriptions.has(scope));
    // A first-party client that names no permission gets every one that both of them have.
    const all = isFirstParty(client) && asked.length === 0;
    const names = all ? await this.#common(accountIdOf(details), client.clientId, api) : asked;
    return names.length === 0
      ? ['Use the API in your name']
      : names.map((name) => descriptions.get(name) ?? name);
  }

  async #common(userId: string, clientId: string, api: Api): Promise<string[]> {
    const [held, granted] = await Promise.all([
      this.#users.permissions(userId, api.id),
      this.#apis.clientPermissions(clientId, api),
    ]);
    return (granted ?? []).filter((name) => held.includes(name));
  }

  /** Adds what was missing to the grant; returns its id. */
  async give({ details, client }: CurrentInteraction): Promise<string> {
    const accountId = accountIdOf(details);
    const grant =
      (details.grantId === undefined ? undefined : await this.#provider.Grant.find(details.grantId)) ??
      new this.#provider.Grant({ accountId, clientId: client.clientId });
    addMissing(grant, details.prompt.details);
    return grant.save();
  }
}

function addMissing(grant: Grant, missing: Readonly<Record<string, unknown>>): void {
  const { missingOIDCScope, missingOIDCClaims, missingResourceScopes } = missing;
  if (isStrings(missingOIDCScope)) grant.addOIDCScope(missingOIDCScope.join(' '));
  if (isStrings(missingOIDCClaims)) grant.addOIDCClaims(missingOIDCClaims);
  if (typeof missingResourceScopes !== 'object' || missingResourceScopes === null) return;
  for (const [resource, scopes] of Object.entries(missingResourceScopes)) {
    if (isStrings(scopes)) grant.addResourceScope(resource, scopes.join(' '));
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
