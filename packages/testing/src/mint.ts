import { signRaw } from './sign-raw.ts';
import type { TestKey } from './test-key.ts';
import type { Minting, TokenKind } from './token-kinds.ts';

/**
 * Mints one kind of token, valid but for what is spoiled. A claim or header parameter set to undefined is left
 * out; `key` signs instead of the issuer's own.
 */
export type Mint = (
  claims?: Readonly<Record<string, unknown>>,
  options?: { readonly header?: Readonly<Record<string, unknown>>; readonly key?: TestKey },
) => Promise<string>;

/** @param signer asked for each token: keys rotate */
export function mintOf(kind: TokenKind, minting: () => Minting, signer: () => TestKey): Mint {
  return async (claims = {}, { header = {}, key = signer() } = {}) =>
    signRaw(
      JSON.stringify({ alg: key.algorithm, typ: kind.typ, kid: key.kid, ...header }),
      JSON.stringify({ ...kind.claims(minting()), ...claims }),
      key,
    );
}
