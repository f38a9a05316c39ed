import { HeaderRefused } from '../errors.ts';
import type { HeaderRule } from './rule.ts';

const MAX_LENGTH = 256;

/** RFC 7515 4.1.4: a string, which serves to look a key up and for nothing else. */
export const kid: HeaderRule = (header) => {
  if (!Object.hasOwn(header, 'kid')) return;
  const name = header['kid'];
  if (typeof name !== 'string' || name.length > MAX_LENGTH) {
    throw new HeaderRefused('kid', `must be a string of at most ${MAX_LENGTH} characters`);
  }
};
