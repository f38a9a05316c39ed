import { errors, type Client, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { ChangeLog } from '../changes/change-log.ts';
import { LONGEST_TOKEN_LIFETIME } from '../changes/longest-token-lifetime.ts';
import type { Api, ResourceServerStore } from '../people/resource-server-store.ts';
import type { UserStore } from '../people/user-store.ts';
import { notePosition } from './change-position.ts';

const CLIENT_CREDENTIALS = 'client_credentials';

export const UNKNOWN_API = 'no API has this identifier';
export const NO_CLIENT_GRANT = 'the client has no grant for this API';

/** RFC 8707 `resource`, and Auth0's older word for it, `audience`. */
export class ResourceIndicator {
  readonly #apis: ResourceServerStore;
  readonly #users: UserStore;
  readonly #changes: ChangeLog;
  /** oidc-provider hands on only what it knows of an API; the rest is kept beside the request. */
  readonly #asked = new WeakMap<KoaContextWithOIDC, Api>();

  constructor(apis: ResourceServerStore, users: UserStore, changes: ChangeLog) {
    this.#apis = apis;
    this.#users = users;
    this.#changes = changes;
  }

  /** The resource of a request that has no `resource`. */
  default(ctx: KoaContextWithOIDC, oneOf?: readonly string[]): string | readonly string[] | undefined {
    if (oneOf) return oneOf;
    // The token endpoint drops parameters that it does not know; the body still has them.
    const audience = ctx.oidc.params?.['audience'] ?? ctx.oidc.body?.['audience'];
    if (typeof audience === 'string' && audience !== '') return audience;
    if (ctx.oidc.params?.['grant_type'] === CLIENT_CREDENTIALS) {
      throw new errors.InvalidTarget('resource or audience must name the API');
    }
    return undefined;
  }

  /** The API that the request was found to be for. */
  apiOf(ctx: KoaContextWithOIDC): Api | undefined {
    return this.#asked.get(ctx);
  }

  /**
   * The API, with the permissions that a token of this request may carry at most. While the user is
   * being asked that is what the client was granted; when a token is issued, at every refresh too,
   * only what the user holds now, unless the API leaves that to itself.
   */
  async info(ctx: KoaContextWithOIDC, audience: string, client: Client): Promise<ResourceServer> {
    await notePosition(ctx, this.#changes);
    const { params } = ctx.oidc;
    // One token is for one API, and consent is asked for one.
    if ([params?.['resource']].flat().length > 1) {
      throw new errors.InvalidTarget('only one resource may be asked for');
    }
    const api = await this.#apis.find(audience);
    if (!api) throw new errors.InvalidTarget(UNKNOWN_API);
    const granted = await this.#apis.clientPermissions(client.clientId, api);
    if (!granted) throw new errors.InvalidTarget(NO_CLIENT_GRANT);
    this.#asked.set(ctx, api);
    const accountId = ctx.oidc.route === 'token' ? ctx.oidc.entities.Account?.accountId : undefined;
    const held =
      accountId === undefined || !api.enforcePolicies
        ? granted
        : await this.#users.permissions(accountId, api.id);
    const scope = granted.filter((name) => held.includes(name)).join(' ');
    if (params?.['grant_type'] === CLIENT_CREDENTIALS && params['scope'] === undefined) {
      // RFC 6749, 3.3: the default scope of a machine is all that it was granted.
      params['scope'] = scope;
    }
    return {
      scope,
      audience: api.identifier,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'RS256' } },
      ...(api.tokenLifetime === null
        ? undefined
        : { accessTokenTTL: Math.min(api.tokenLifetime, LONGEST_TOKEN_LIFETIME) }),
    };
  }
}
