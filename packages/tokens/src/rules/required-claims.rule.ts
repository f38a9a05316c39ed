import { ClaimInvalid } from '../errors.ts';
import type { ClaimRule } from './rule.ts';

/** What the issuer's preset or profile asks for beyond what every token must have (RFC 9068 2.2, for `strict`). */
export const requiredClaims: ClaimRule = (claims, { settings }) => {
  for (const [claim, values] of settings.requiredClaims) {
    const value = claims[claim];
    // An empty text names nobody, and nothing could be denied by it.
    if (value === undefined || value === '') {
      throw new ClaimInvalid(claim, 'there', {
        hint: `The provider "${settings.preset.name}" always sends it.`,
      });
    }
    if (values !== 'present' && !values.some((allowed) => allowed === value)) {
      throw new ClaimInvalid(claim, 'that of an access token', {
        hint: `The provider "${settings.preset.name}" sends ${values.join(' or ')} in access tokens.`,
      });
    }
  }
};
