import { HeaderRefused } from '../errors.ts';
import type { HeaderRule } from './rule.ts';

/** RFC 7515 4.1.11: an extension that must be understood; we understand none. */
export const crit: HeaderRule = (header) => {
  if (header['crit'] !== undefined)
    throw new HeaderRefused('crit', 'names extensions that are not supported');
};
