import { DpopProofInvalid } from '../../errors.ts';
import type { ProofHeaderRule } from './rule.ts';

/** The key of a proof is in its `jwk` (RFC 9449 4.2). Nothing is fetched, and there is no second key to mistake. */
export const otherKey: ProofHeaderRule = (header) => {
  for (const parameter of ['jku', 'x5u', 'x5c']) {
    if (Object.hasOwn(header, parameter))
      throw new DpopProofInvalid(`has a "${parameter}" header, which it may not have`);
  }
};
