import { createVerifier, CredentialError, type WireError } from '@portcullis/tokens';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { KeyRing } from '../keys/key-ring.ts';

/** Whether a request to `/userinfo` proves that it has the key its JWT access token is bound to (RFC 9449, 7.1). */
export class ProofOfPossession {
  readonly #provider: Provider;
  readonly #keys: KeyRing;

  constructor(provider: Provider, keys: KeyRing) {
    this.#provider = provider;
    this.#keys = keys;
  }

  /** Undefined when it does; otherwise what to tell the client. */
  async objection(ctx: KoaContextWithOIDC, token: string): Promise<WireError | undefined> {
    const { issuer } = this.#provider;
    // Made anew each time, because the keys may be others by then; nothing is fetched for it.
    const verifier = createVerifier({
      issuer: { issuer, jwks: this.#keys.publicKeys },
      audience: `${issuer}userinfo`,
      dpop: {
        publicUrl: issuer,
        replayStore: {
          remember: (key, expiresAt) =>
            this.#provider.ReplayDetection.unique('userinfo', key, Math.ceil(expiresAt)),
        },
      },
    });
    try {
      const { method, url } = ctx;
      await verifier.verify({ scheme: 'dpop', token, proof: ctx.get('DPoP'), method, url });
      return undefined;
    } catch (error) {
      if (error instanceof CredentialError) return error.error;
      throw error;
    }
  }
}
