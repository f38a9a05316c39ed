import { DpopProofInvalid } from '../../errors.ts';
import type { ProofHeaderRule } from './rule.ts';

/** RFC 9449 11.6: nothing that was signed for another purpose. Media types have no case (RFC 7515 4.1.9). */
export const typ: ProofHeaderRule = (header) => {
  const name = header['typ'];
  if (typeof name !== 'string' || name.toLowerCase() !== 'dpop+jwt')
    throw new DpopProofInvalid('must have the "typ" header dpop+jwt');
};
