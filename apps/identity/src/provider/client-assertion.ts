import { errors } from 'oidc-provider';

/**
 * What oidc-provider, which has found us among the audiences, leaves open. An assertion is for us and nobody
 * else: another server that accepts it as well could replay it here (RFC 7523, 3).
 *
 * @throws InvalidClientAuth
 */
export function checkAssertion({ aud, exp }: Readonly<Record<string, unknown>>): void {
  if ([aud].flat().length !== 1) {
    throw new errors.InvalidClientAuth('the assertion must have one audience');
  }
  if (typeof exp !== 'number' || exp > Date.now() / 1000 + LONGEST) {
    throw new errors.InvalidClientAuth('the assertion must expire within five minutes');
  }
}

/** Seconds: so long its `jti` has to be remembered. */
const LONGEST = 300;
