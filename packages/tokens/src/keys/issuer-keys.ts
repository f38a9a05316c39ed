import type { Algorithm } from '../algorithm.ts';
import type { VerificationKey } from './verification-key.ts';

/** The keys of one issuer, wherever they come from. */
export interface IssuerKeys {
  /** Resolves with the first key set; never rejects. */
  readonly loaded: Promise<void>;
  readonly hasLoaded: boolean;
  start(): void;
  /** Drops every key at once and asks for the set anew, where it can be asked for. Never rejects. */
  purge(): Promise<void>;
  close(): void;
  /** Whether this very key still vouches for what it once verified. */
  holds(key: VerificationKey): boolean;
  /**
   * The keys to try for a token.
   *
   * @throws IssuerUnavailable when no key set is usable, or the one in which the key would be cannot be had
   * @throws TokenUntrusted when the issuer has no such key
   */
  keysFor(
    algorithm: Algorithm,
    kid: string | undefined,
  ): readonly VerificationKey[] | Promise<readonly VerificationKey[]>;
  /** The same, when none of those that were there has signed: the issuer may have rotated without naming its keys. */
  newerKeysFor(algorithm: Algorithm, tried: readonly VerificationKey[]): Promise<readonly VerificationKey[]>;
}
