import { isAlgorithm, type Algorithm } from '../algorithm.ts';
import type { Header } from '../compact-jws.ts';
import { HeaderRefused } from '../errors.ts';
import type { Settings } from '../settings.ts';

/** RFC 8725 3.1: an allow-list, compared exactly. `none` and `HS*` cannot be on it. */
export function alg(header: Header, { algorithms }: Settings): Algorithm {
  const name = header['alg'];
  if (!isAlgorithm(name) || !algorithms.has(name))
    throw new HeaderRefused('alg', 'is not an accepted algorithm');
  return name;
}
