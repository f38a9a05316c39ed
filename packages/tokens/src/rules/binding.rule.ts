import type { Authentication } from '../authentication.ts';
import type { Credential } from '../credential.ts';
import type { DpopCheck } from '../dpop/dpop-check.ts';
import { BindingRefused } from '../errors.ts';
import { matchesCertificate } from '../mtls/certificate-thumbprint.ts';

/**
 * RFC 9449 7.1 and 7.2, RFC 8705 3: a bound token is no bearer token, and an unbound one does not pass as DPoP. Both
 * bindings at once are both enforced.
 *
 * @throws BindingRefused, and what a DPoP proof is refused with
 */
export function checkBinding(
  { binding }: Authentication,
  credential: Credential,
  dpop: DpopCheck | undefined,
): void | Promise<void> {
  if (binding?.x5tS256 !== undefined && !matchesCertificate(credential.certificate, binding.x5tS256)) {
    throw new BindingRefused(
      'the access token is bound to a client certificate: send it over a connection with that one',
    );
  }
  if (binding?.jkt === undefined) {
    if (credential.scheme !== 'bearer') {
      throw new BindingRefused('the access token is not bound to a DPoP key: send it as a Bearer token');
    }
    if (dpop?.required)
      throw new BindingRefused('this API takes only access tokens that are bound to a DPoP key');
    return;
  }
  if (dpop === undefined) {
    throw new BindingRefused(
      'the access token is bound to a DPoP key, and this API does not take such tokens',
      {
        hint: 'Set the option "dpop" to enforce them.',
      },
    );
  }
  if (credential.scheme !== 'dpop') {
    throw new BindingRefused(
      'the access token is bound to a DPoP key: send it under the DPoP scheme, with a proof',
    );
  }
  return dpop.check(credential, binding.jkt);
}
