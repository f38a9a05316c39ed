import { errors as joseErrors, jwtVerify, type JWTPayload } from 'jose';
import type { Client, Provider } from 'oidc-provider';
import type { KeyRing } from '../keys/key-ring.ts';
import type { User, UserStore } from '../people/user-store.ts';
import type { Denials } from '../revocation/denials.ts';
import { words } from './access-token-claims.ts';

/** A JWT access token of ours: genuine, and not expired. */
export interface JwtAccessToken {
  readonly claims: JWTPayload;
  readonly jti: string;
  readonly clientId: string;
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
}

/** Who stands behind a token that is still good. */
export interface Standing {
  readonly client: Client;
  /** Undefined for a machine. */
  readonly user: User | undefined;
}

/** oidc-provider does not store JWT access tokens; what they say and whether it still holds is found out here. */
export class JwtAccessTokens {
  readonly #provider: Provider;
  readonly #keys: KeyRing;
  readonly #users: UserStore;
  readonly #denials: Denials;

  constructor(parts: {
    readonly provider: Provider;
    readonly keys: KeyRing;
    readonly users: UserStore;
    readonly denials: Denials;
  }) {
    this.#provider = parts.provider;
    this.#keys = parts.keys;
    this.#users = parts.users;
    this.#denials = parts.denials;
  }

  /** Undefined when it is none of ours, is changed, has expired, or is another kind of token. */
  async read(token: string): Promise<JwtAccessToken | undefined> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys.find, {
        issuer: this.#provider.issuer,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'aud', 'exp', 'iat', 'jti'],
      });
      // Only our access tokens name a client beside the audience; ID and logout tokens do not.
      const clientId = payload['client_id'] ?? payload['azp'];
      const kind = protectedHeader.typ;
      if ((kind !== 'at+jwt' && kind !== 'JWT') || typeof clientId !== 'string' || !payload.jti)
        return undefined;
      const scope = payload['scope'];
      return {
        claims: payload,
        jti: payload.jti,
        clientId,
        audiences: [payload.aud ?? []].flat(),
        scopes: words(typeof scope === 'string' ? scope : undefined),
      };
    } catch (error) {
      if (error instanceof joseErrors.JOSEError) return undefined;
      throw error;
    }
  }

  /** Undefined when the token was denied, or its grant, its user or its client is no more. */
  async standing({ claims, jti, clientId }: JwtAccessToken): Promise<Standing | undefined> {
    const { sub = '', sid, gid, iat = 0 } = claims;
    const machine = sub === `${clientId}@clients`;
    const [client, user, grant, denied] = await Promise.all([
      this.#provider.Client.find(clientId),
      machine ? undefined : this.#users.find(sub),
      machine ? undefined : this.#provider.Grant.find(String(gid)),
      this.#denials.denies({
        token: jti,
        session: typeof sid === 'string' ? sid : undefined,
        grant: typeof gid === 'string' ? gid : undefined,
        subject: sub,
        client: clientId,
        issuedAt: new Date(iat * 1000),
      }),
    ]);
    if (!client || denied) return undefined;
    if (machine) return { client, user: undefined };
    return user && !user.blocked && grant ? { client, user } : undefined;
  }
}
