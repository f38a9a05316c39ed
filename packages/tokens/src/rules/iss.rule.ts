import type { Claims } from '../claims.ts';
import { TokenUntrusted } from '../errors.ts';

/** Characters; a longer one is nobody's, and is not worth asking a resolver about. */
const MAX_LENGTH = 2048;

/** RFC 9068 4: a string. Whether it is an issuer that is trusted, and whose keys are looked at, follows. */
export function iss(claims: Claims): string {
  const issuer = claims['iss'];
  if (typeof issuer !== 'string' || issuer.length > MAX_LENGTH) throw untrustedIssuer();
  return issuer;
}

export function untrustedIssuer(): TokenUntrusted {
  return new TokenUntrusted('the access token\'s "iss" claim names no configured issuer', {
    hint: 'Compare the option "issuer" with the token\'s "iss" letter by letter, a trailing slash included.',
  });
}
