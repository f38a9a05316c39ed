declare module 'oidc-provider/lib/helpers/weak_cache.js' {
  import type { JWK } from 'jose';
  import type { Provider } from 'oidc-provider';

  /** What a provider keeps to itself; of it, what it signs and verifies with, and what it publishes. */
  export default function instance(provider: Provider): {
    readonly keystore?: {
      clear(): void;
      /** The first that fits signs. */
      add(key: JWK): void;
    };
    readonly jwks?: { keys: readonly JWK[] };
  };
}
