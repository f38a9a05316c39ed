import { DpopProofInvalid } from '../../errors.ts';
import { sameText } from '../../same-text.ts';

/** RFC 9449 6.1: the key that the token is bound to. */
export function jkt(thumbprint: string, bound: string): void {
  if (!sameText(thumbprint, bound))
    throw new DpopProofInvalid('is by another key than the one that the access token is bound to');
}
