import { DpopProofInvalid } from '../../errors.ts';
import { normalUrl } from '../normal-url.ts';
import type { ProofClaimRule } from './rule.ts';

/** RFC 9449 4.3: the request's URL without query and fragment, in whatever spelling means the same. */
export const htu: ProofClaimRule = (claims, { settings, credential: { url } }) => {
  const expected = url === undefined ? undefined : settings.publicUrl.of(url);
  if (expected === undefined)
    throw new DpopProofInvalid('cannot be for this request, whose target is not a path');
  const named = claims['htu'];
  if (typeof named !== 'string' || normalUrl(named) !== expected) {
    throw new DpopProofInvalid('is for another URL: its "htu" claim is not that of the request', {
      hint: '"dpop.publicUrl" must be what clients call this API, path prefix included',
    });
  }
};
