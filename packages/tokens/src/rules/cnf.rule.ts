import { BindingRefused } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/**
 * RFC 9449 7.1, 7.2: a bound token is no bearer token, and an unbound one does not pass as DPoP.
 * Proofs are not checked yet, so a bound token is refused under either scheme.
 */
export const cnf: ClaimRule = (claims, { credential }) => {
  if (Object.hasOwn(claims, 'cnf')) {
    throw new BindingRefused(
      'the access token is bound by its "cnf" claim, and this API cannot check that yet',
    );
  }
  if (credential.scheme !== 'bearer') {
    throw new BindingRefused('the access token has no "cnf" claim: send it as a Bearer token');
  }
};
