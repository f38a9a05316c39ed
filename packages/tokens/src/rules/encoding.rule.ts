import { HeaderRefused } from '../errors.ts';
import type { HeaderRule } from './rule.ts';

/** Unencoded payloads (RFC 7797 7), compression (RFC 8725 3.6) and encryption are not access tokens here. */
export const encoding: HeaderRule = (header) => {
  for (const parameter of ['b64', 'zip', 'enc']) {
    if (header[parameter] !== undefined)
      throw new HeaderRefused(parameter, 'is not allowed in an access token');
  }
};
