import type { Algorithm, JwkSet } from '@portcullis/tokens';
import { mintOf, type Mint } from './mint.ts';
import { createTestKey, type TestKey } from './test-key.ts';
import { tokenKinds, type Minting } from './token-kinds.ts';

/** An issuer without a server: real keys, real signatures, and nothing that listens or is asked. */
export interface InProcessIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Its public key, for a verifier's option `jwks`. */
  readonly jwks: JwkSet;
  readonly key: TestKey;
  /** A valid access token (RFC 9068 2.2) without `scope` or `permissions`, valid for 600 seconds. */
  readonly accessToken: Mint;
  /** For the client `test-client`, with `nonce` and `auth_time` (OpenID Connect Core 2). */
  readonly idToken: Mint;
}

export interface InProcessIssuerOptions {
  /** The identifier that the application trusts. Nobody is asked there. Default `https://issuer.example/`. */
  issuer?: string;
  /** Default `https://api.example`. */
  audience?: string;
  /** Default `ES256`, which is quick to make keys for. */
  algorithm?: Algorithm;
}

/**
 * Makes an issuer that needs no network: its key set is handed over, not fetched. There is nothing to stop.
 *
 * ```ts
 * const { issuer, audience, jwks, accessToken } = await createInProcessIssuer();
 * const verifier = createVerifier({ issuer, audience, jwks });
 * await verifier.verify({ scheme: 'bearer', token: await accessToken() });
 * ```
 */
export async function createInProcessIssuer({
  issuer = 'https://issuer.example/',
  audience = 'https://api.example',
  algorithm = 'ES256',
}: InProcessIssuerOptions = {}): Promise<InProcessIssuer> {
  const key = await createTestKey(algorithm);
  const minting = (): Minting => ({
    issuer,
    audience,
    apiClient: audience,
    now: Math.floor(Date.now() / 1000),
  });
  return {
    issuer,
    audience,
    key,
    jwks: { keys: [key.publicJwk] },
    accessToken: mintOf(tokenKinds.accessToken, minting, () => key),
    idToken: mintOf(tokenKinds.idToken, minting, () => key),
  };
}
