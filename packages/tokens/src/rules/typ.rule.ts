import { HeaderRefused } from '../errors.ts';
import type { HeaderRule } from './rule.ts';

const accepted = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** RFC 9068 2.1 and RFC 8725 3.11. Absent and `JWT` are older issuers'; the claims then tell the kind. */
export const typ: HeaderRule = (header) => {
  if (!Object.hasOwn(header, 'typ')) return;
  const name = header['typ'];
  if (typeof name !== 'string' || !accepted.has(name.toLowerCase())) {
    throw new HeaderRefused('typ', 'is not that of an access token');
  }
};
