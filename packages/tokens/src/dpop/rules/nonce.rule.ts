import { DpopNonceRequired } from '../../errors.ts';
import type { ProofClaimRule } from './rule.ts';

/** RFC 9449 9. When none is demanded, one that is sent decides nothing. */
export const nonce: ProofClaimRule = (claims, { settings: { nonces }, now }) => {
  if (nonces === undefined) return;
  const given = claims['nonce'];
  if (typeof given !== 'string' || !nonces.accepts(given, now))
    throw new DpopNonceRequired(nonces.current(now));
};
