import type { Header } from '../compact-jws.ts';
import { HeaderRefused } from '../errors.ts';

const MAX_LENGTH = 256;

/** RFC 7515 4.1.4: a string, which serves to look a key up and for nothing else. Undefined when absent. */
export function kid(header: Header): string | undefined {
  const name = header['kid'];
  if (name === undefined) return undefined;
  if (typeof name !== 'string' || name.length > MAX_LENGTH) {
    throw new HeaderRefused('kid', `must be a string of at most ${MAX_LENGTH} characters`);
  }
  return name;
}
