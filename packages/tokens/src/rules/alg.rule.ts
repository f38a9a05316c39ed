import { isAlgorithm, type Algorithm } from '../algorithm.ts';
import type { Header } from '../compact-jws.ts';
import { HeaderRefused } from '../errors.ts';
import type { IssuerHeaderRule } from './rule.ts';

/** RFC 8725 3.1: a closed list, compared exactly. `none` and `HS*` are not on it. */
export function alg(header: Header): Algorithm {
  const name = header['alg'];
  if (!isAlgorithm(name)) throw new HeaderRefused('alg', 'is not an accepted algorithm');
  return name;
}

/** RFC 8725 3.1: the algorithms of this issuer, which may be fewer. */
export const issuerAlg: IssuerHeaderRule = (header, { algorithms }) => {
  if (algorithms.has(alg(header))) return;
  throw new HeaderRefused('alg', "is not an accepted algorithm of the token's issuer", {
    hint: `This issuer's algorithms are ${[...algorithms].join(', ')}: widen "algorithms" if it really signs otherwise.`,
  });
};
