import { createKeyProvider, type KeyProviderOptions } from '@portcullis/tokens';
import type { KeyObject } from 'node:crypto';

/** What `passport-jwt` takes as its option of this name, with an end to the fetching of keys. */
export interface SecretOrKeyProvider {
  (request: unknown, rawJwtToken: unknown, done: (error: unknown, key?: string) => void): void;
  /** Stops every fetch and timer. */
  close(): void;
}

/**
 * The issuers' keys for those who keep `passport-jwt`: discovered, cached, refreshed, rotated, one issuer's never for
 * another's token. A token that names no trusted issuer, is not for this API, or names another algorithm (`none` and
 * `HS*` always) gets no key. Everything else about the token is checked by `passport-jwt`: it is not as strict as
 * PortcullisStrategy, and answers 401 where we answer 503.
 *
 * @throws TypeError naming the option that is absent or wrong
 */
export function createSecretOrKeyProvider(options: KeyProviderOptions): SecretOrKeyProvider {
  const keys = createKeyProvider(options);
  const pems = new WeakMap<KeyObject, string>();
  const pemOf = (key: KeyObject): string => {
    const pem = pems.get(key) ?? String(key.export({ type: 'spki', format: 'pem' }));
    pems.set(key, pem);
    return pem;
  };
  const provide = (_request: unknown, token: unknown, done: (error: unknown, key?: string) => void): void => {
    // In a turn of its own: what `done` throws is no failure to find the key.
    keys.keyFor(String(token)).then(
      (key) => setImmediate(done, null, pemOf(key)),
      (error: unknown) => setImmediate(done, error),
    );
  };
  return Object.assign(provide, { close: () => keys.close() });
}
