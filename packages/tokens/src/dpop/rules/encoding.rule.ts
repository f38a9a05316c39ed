import { DpopProofInvalid } from '../../errors.ts';
import type { ProofHeaderRule } from './rule.ts';

/** Unencoded payloads (RFC 7797 7), compression (RFC 8725 3.6) and encryption have no place in a proof. */
export const encoding: ProofHeaderRule = (header) => {
  for (const parameter of ['b64', 'zip', 'enc']) {
    if (Object.hasOwn(header, parameter))
      throw new DpopProofInvalid(`has a "${parameter}" header, which it may not have`);
  }
};
