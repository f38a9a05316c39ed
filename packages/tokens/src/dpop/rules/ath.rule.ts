import { hash } from 'node:crypto';
import { DpopProofInvalid } from '../../errors.ts';
import { sameText } from '../../same-text.ts';
import type { ProofClaimRule } from './rule.ts';

/** RFC 9449 4.3: for this very token. */
export const ath: ProofClaimRule = (claims, { credential: { token } }) => {
  const given = claims['ath'];
  if (typeof given !== 'string' || !sameText(given, hash('sha256', token, 'base64url')))
    throw new DpopProofInvalid('is for another access token: its "ath" claim is not the hash of this one');
};
