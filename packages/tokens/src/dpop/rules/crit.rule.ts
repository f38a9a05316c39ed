import { DpopProofInvalid } from '../../errors.ts';
import type { ProofHeaderRule } from './rule.ts';

/** RFC 7515 4.1.11: an extension that must be understood; we understand none. */
export const crit: ProofHeaderRule = (header) => {
  if (Object.hasOwn(header, 'crit'))
    throw new DpopProofInvalid('has a "crit" header, whose extensions are not supported');
};
