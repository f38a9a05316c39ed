import { eq } from 'drizzle-orm';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Database } from '../database/database.ts';
import { client } from '../database/schema.ts';

/** Metadata of ours that travels with a client through oidc-provider. */
export const CLIENT_PROPERTIES = ['first_party', 'auth0_dialect', 'origins', 'resource_server_id'];

/** oidc-provider's view of the client table. It writes none: clients are managed beside the protocol. */
export class ClientAdapter implements Adapter {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (id.includes('\0')) return undefined;
    const [row] = await this.#db.select().from(client).where(eq(client.id, id));
    if (!row?.enabled) return undefined;
    return {
      client_id: row.id,
      client_name: row.name,
      application_type: row.kind === 'native' ? 'native' : 'web',
      grant_types: row.grantTypes,
      response_types: row.redirectUris.length > 0 ? ['code'] : [],
      redirect_uris: row.redirectUris,
      post_logout_redirect_uris: row.logoutUris,
      token_endpoint_auth_method: authenticationMethod(row),
      // The hash stands in for the secret; comparing hashes what is presented. See provider.ts.
      ...(row.secretHash === null ? undefined : { client_secret: row.secretHash }),
      ...(row.jwks === null ? undefined : { jwks: row.jwks }),
      ...(row.backchannelLogoutUri === null
        ? undefined
        : { backchannel_logout_uri: row.backchannelLogoutUri, backchannel_logout_session_required: true }),
      first_party: row.firstParty,
      auth0_dialect: row.auth0Dialect,
      origins: row.origins,
      ...(row.resourceServerId === null ? undefined : { resource_server_id: row.resourceServerId }),
    };
  }

  upsert = unsupported;
  findByUid = unsupported;
  findByUserCode = unsupported;
  consume = unsupported;
  destroy = unsupported;
  revokeByGrantId = unsupported;
}

/** A client that registered keys signs its assertions, and has no other way in. */
function authenticationMethod({ jwks, secretHash }: typeof client.$inferSelect) {
  if (jwks !== null) return 'private_key_jwt';
  return secretHash === null ? 'none' : 'client_secret_basic';
}

function unsupported(): Promise<never> {
  return Promise.reject(new TypeError('clients are not written through the provider'));
}
