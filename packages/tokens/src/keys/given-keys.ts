import type { Algorithm } from '../algorithm.ts';
import { sealed } from '../claims.ts';
import { TokenUntrusted } from '../errors.ts';
import { isRecord } from '../is-record.ts';
import { parseUniqueJson } from '../unique-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { KeySet } from './key-set.ts';
import type { VerificationKey } from './verification-key.ts';

/** A JSON Web Key Set (RFC 7517 5) of public keys. */
export interface JwkSet {
  readonly keys: readonly object[];
}

/**
 * The key set that an option gives.
 *
 * @throws TypeError naming the option
 */
export function givenKeySet(option: string, given: JwkSet): KeySet {
  const document = parseUniqueJson(JSON.stringify(given) ?? 'null');
  if (!isRecord(document)) throw new TypeError(`"${option}" must be a key set: { "keys": [ … ] }`);
  const { keys } = document;
  // It would be good for nothing here, and is in one place too many.
  if (Array.isArray(keys) && keys.some((jwk) => isRecord(jwk) && ('d' in jwk || 'k' in jwk))) {
    throw new TypeError(`"${option}" holds a private key or a secret: give public keys alone`);
  }
  try {
    return KeySet.from(sealed(document));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^its key set /, '') : 'cannot be read';
    throw new TypeError(`"${option}" ${why}`, { cause });
  }
}

/** Keys that came with the options: nothing is fetched, and nothing changes. */
export class GivenKeys implements IssuerKeys {
  readonly loaded = Promise.resolve();
  readonly hasLoaded = true;
  readonly #keys: KeySet;

  constructor(keys: KeySet) {
    this.#keys = keys;
  }

  start(): void {}

  close(): void {}

  /** They are as trusted as the options: new ones come with a restart. */
  async purge(): Promise<void> {}

  holds(key: VerificationKey): boolean {
    return this.#keys.has(key);
  }

  keysFor(algorithm: Algorithm, kid: string | undefined): readonly VerificationKey[] {
    const found = this.#keys.fitting(algorithm, kid);
    if (found.length === 0) throw new TokenUntrusted('no key that was given for the issuer fits the token');
    return found;
  }

  newerKeysFor(): Promise<readonly VerificationKey[]> {
    return Promise.resolve([]);
  }
}
