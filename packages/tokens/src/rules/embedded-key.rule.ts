import { HeaderRefused } from '../errors.ts';
import type { HeaderRule } from './rule.ts';

/**
 * RFC 8725 3.10: a token does not choose its own key. `x5t` and `x5t#S256` are only names of a key,
 * which some issuers always send; nothing here reads them.
 */
export const embeddedKey: HeaderRule = (header) => {
  for (const parameter of ['jwk', 'jku', 'x5u', 'x5c']) {
    if (header[parameter] !== undefined)
      throw new HeaderRefused(parameter, 'is not allowed in an access token');
  }
};
