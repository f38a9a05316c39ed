import type { Algorithm } from '../algorithm.ts';
import { sealed } from '../claims.ts';
import { IssuerUnavailable, TokenUntrusted } from '../errors.ts';
import { isRecord } from '../is-record.ts';
import { parseUniqueJson } from '../unique-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { KeySet } from './key-set.ts';
import type { VerificationKey } from './verification-key.ts';

/** A JSON Web Key Set (RFC 7517 5) of public keys. */
export interface JwkSet {
  readonly keys: readonly object[];
}

/** Answers with the key set of now. */
export type KeySetSupplier = () => JwkSet;

/** What the option gives, read once or as often as it is another. */
export interface GivenKeySet {
  /** @throws IssuerUnavailable when what is given now is none, though it was one at first */
  now(): KeySet;
}

/**
 * The key set that an option gives, or that its function answers with.
 *
 * @throws TypeError naming the option
 */
export function givenKeySet(option: string, given: JwkSet | KeySetSupplier): GivenKeySet {
  if (typeof given !== 'function') {
    const keys = readKeySet(option, given);
    return { now: () => keys };
  }
  let document = given();
  let keys = readKeySet(option, document);
  return {
    now: () => {
      try {
        const answer = given();
        if (answer === document) return keys;
        keys = readKeySet(option, answer, keys);
        document = answer;
        return keys;
      } catch (cause) {
        const hint = cause instanceof Error ? cause.message : `"${option}" threw no Error`;
        throw new IssuerUnavailable("the issuer's keys cannot be had now", 1, { cause, hint });
      }
    },
  };
}

function readKeySet(option: string, given: JwkSet, previous?: KeySet): KeySet {
  const document = parseUniqueJson(JSON.stringify(given) ?? 'null');
  if (!isRecord(document)) throw new TypeError(`"${option}" must be a key set: { "keys": [ … ] }`);
  const { keys } = document;
  // It would be good for nothing here, and is in one place too many.
  if (Array.isArray(keys) && keys.some((jwk) => isRecord(jwk) && ('d' in jwk || 'k' in jwk))) {
    throw new TypeError(`"${option}" holds a private key or a secret: give public keys alone`);
  }
  try {
    return KeySet.from(sealed(document), previous);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^its key set /, '') : 'cannot be read';
    throw new TypeError(`"${option}" ${why}`, { cause });
  }
}

/** Keys that came with the options: nothing is fetched. */
export class GivenKeys implements IssuerKeys {
  readonly loaded = Promise.resolve();
  readonly hasLoaded = true;
  readonly #given: GivenKeySet;

  constructor(given: GivenKeySet) {
    this.#given = given;
  }

  start(): void {}

  close(): void {}

  /** They are as trusted as the options, and asked for at each token anyway. */
  async purge(): Promise<void> {}

  holds(key: VerificationKey): boolean {
    return this.#given.now().has(key);
  }

  keysFor(algorithm: Algorithm, kid: string | undefined): readonly VerificationKey[] {
    const found = this.#given.now().fitting(algorithm, kid);
    if (found.length === 0) throw new TokenUntrusted('no key that was given for the issuer fits the token');
    return found;
  }

  newerKeysFor(): Promise<readonly VerificationKey[]> {
    return Promise.resolve([]);
  }
}
