import { DpopProofInvalid } from '../../errors.ts';
import type { ProofClaimRule } from './rule.ts';

/** RFC 9449 4.3. Methods have case (RFC 9110 9.1). */
export const htm: ProofClaimRule = (claims, { credential: { method } }) => {
  if (method === undefined || claims['htm'] !== method)
    throw new DpopProofInvalid('is for another method: its "htm" claim is not that of the request');
};
