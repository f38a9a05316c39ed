import { algorithmsOf, isAlgorithm, type Algorithm } from '../../algorithm.ts';
import type { Header } from '../../compact-jws.ts';
import { DpopProofInvalid } from '../../errors.ts';
import type { DpopSettings } from '../dpop-settings.ts';
import type { ProofKey } from '../proof-key.ts';

/** RFC 9449 11.6, RFC 8725 3.1: on the list, and one that the key is for. */
export function alg(header: Header, { algorithms }: DpopSettings, key: ProofKey): Algorithm {
  const name = header['alg'];
  if (!isAlgorithm(name) || !algorithms.has(name))
    throw new DpopProofInvalid('has an "alg" header that is not accepted');
  if (!algorithmsOf(key.kty, key.kty === 'RSA' ? undefined : key.crv).includes(name))
    throw new DpopProofInvalid('has an "alg" header that does not fit its "jwk"');
  return name;
}
