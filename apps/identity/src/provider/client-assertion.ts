import { errors } from 'oidc-provider';

/**
 * An assertion is for us and nobody else: one that other servers accept as well could be theirs to replay
 * here (RFC 7523, 3; OpenID Connect's advisory of January 2025).
 *
 * @throws InvalidClientAuth
 */
export function checkAssertion({ aud, exp }: Readonly<Record<string, unknown>>, issuer: string): void {
  const audiences = [aud].flat();
  const [audience] = audiences;
  if (audiences.length !== 1 || (audience !== issuer && audience !== `${issuer}oauth/token`)) {
    throw new errors.InvalidClientAuth('the assertion must have one audience, the issuer');
  }
  if (typeof exp !== 'number' || exp > Date.now() / 1000 + LONGEST) {
    throw new errors.InvalidClientAuth('the assertion must expire within five minutes');
  }
}

/** Seconds: so long its `jti` has to be remembered. */
const LONGEST = 300;
