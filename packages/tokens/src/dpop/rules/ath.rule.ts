import { createHash } from 'node:crypto';
import { DpopProofInvalid } from '../../errors.ts';
import { sameText } from '../../same-text.ts';
import type { ProofClaimRule } from './rule.ts';

/** RFC 9449 4.3: for this very token. */
export const ath: ProofClaimRule = (claims, { credential: { token } }) => {
  const hash = claims['ath'];
  if (typeof hash !== 'string' || !sameText(hash, createHash('sha256').update(token).digest('base64url')))
    throw new DpopProofInvalid('is for another access token: its "ath" claim is not the hash of this one');
};
