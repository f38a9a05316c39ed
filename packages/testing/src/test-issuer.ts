import type { Algorithm } from '@portcullis/tokens';
import type { IntrospectionClient } from './client-authentication.ts';
import type { Mint } from './mint.ts';
import type { Responder } from './responder.ts';
import type { TestKey } from './test-key.ts';

export interface TestIssuer {
  /** `http://127.0.0.1:<port>/` and the path, with or without the slash as asked for. */
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
  readonly introspectionEndpoint: string;
  /** Whom the introspection endpoint trusts. */
  readonly introspectionClient: IntrospectionClient;
  /** The key that signs now. */
  readonly key: TestKey;
  /** A valid access token (RFC 9068 2.2) without `scope` or `permissions`, valid for 600 seconds. */
  readonly accessToken: Mint;
  /** For the client `test-client`, with `nonce` and `auth_time` (OpenID Connect Core 2). */
  readonly idToken: Mint;
  /** A JWT as Keycloak's refresh tokens are, for the issuer itself. */
  readonly refreshToken: Mint;
  /** OpenID Connect Back-Channel Logout 2.4 */
  readonly logoutToken: Mint;
  /** A signed answer of the userinfo endpoint (OpenID Connect Core 5.3.2). */
  readonly userinfo: Mint;
  /** A signed answer of the authorization endpoint (JARM 2.1). */
  readonly authorizationResponse: Mint;
  /** A signed answer of the introspection endpoint (RFC 9701 5). */
  readonly introspectionResponse: Mint;
  /** RFC 8417 */
  readonly securityEvent: Mint;
  /** Of the introspection client, and by its key (RFC 7523 3). */
  readonly clientAssertion: Mint;
  /**
   * A random token of 43 characters. Introspection alone tells its claims, by default those of an access token;
   * one set to undefined is left out.
   */
  opaqueToken(claims?: Readonly<Record<string, unknown>>): string;
  /** Introspection says `active: false` of this access token from now on. */
  revoke(token: string): void;
  /** A new key signs. The old one is withdrawn, or stays published when `keep` is set. */
  rotateKeys(options?: { keep?: boolean }): Promise<void>;
  /** Publishes these keys instead of the issuer's own, until the next rotation. */
  publishKeys(keys: readonly unknown[]): void;
  /** Faults for the key set; undefined ends them. */
  answerKeysWith(responder: Responder | undefined): void;
  /** Faults for the metadata; undefined ends them. */
  answerDiscoveryWith(responder: Responder | undefined): void;
  /** Faults for introspection; undefined ends them. */
  answerIntrospectionWith(responder: Responder | undefined): void;
  /** How often each was asked for. */
  readonly visits: { readonly discovery: number; readonly keys: number; readonly introspection: number };
  /** The port refuses connections, and those that are open are cut. */
  pause(): Promise<void>;
  /**
   * Back on the same port, as if nothing had been.
   *
   * @throws Error when another process has taken the port meanwhile
   */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface TestIssuerOptions {
  /** Default `https://api.example`. */
  audience?: string;
  /** Default `RS256`. */
  algorithm?: Algorithm;
  /** Whether the identifier ends in a slash. Default true. */
  trailingSlash?: boolean;
  /** Of the identifier, e.g. `/tenant`, without a slash at its end. Default: none. */
  path?: `/${string}`;
  /** Serves one of the two metadata documents alone, OpenID Connect's or RFC 8414's. Default: both. */
  metadata?: 'openid' | 'oauth';
  /** Default: an id and a secret that differ once they are form-encoded, and a new ES256 key. */
  introspectionClient?: Partial<IntrospectionClient>;
}
