import { isLoopback } from '@portcullis/service';
import { z } from 'zod';

/** Parts of a comma-separated value; empty ones are left out. */
const list = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

export const url = z.url({ protocol: /^https?$/, error: 'is not an http or https address' });

/** Where everything has its place below: scheme, host and port. */
export const origin = url.refine((value) => {
  const parsed = URL.parse(value);
  return parsed === null || parsed.href === `${parsed.origin}/`;
}, 'has more than scheme, host and port');

export const urls = z
  .string()
  .transform(list)
  .refine(
    (values) => values.length > 0 && values.every((value) => url.safeParse(value).success),
    'is not a list of http or https addresses',
  );

/** Whoever can read or change the traffic could swap what is answered: plain http is for this machine alone. */
export function isTrusted(address: string): boolean {
  const parsed = URL.parse(address);
  return (
    parsed !== null &&
    (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopback(parsed.hostname)))
  );
}

/** For the sentence about one that is not trusted. */
export const UNTRUSTED = 'is plain http off this machine';
