import type { Claims } from '../claims.ts';
import { TokenUntrusted } from '../errors.ts';

/** RFC 9068 4: exactly one of the configured issuers; it alone decides whose keys are looked at. */
export function iss(claims: Claims, issuers: readonly string[]): string {
  const issuer = issuers.find((configured) => configured === claims['iss']);
  if (issuer === undefined)
    throw new TokenUntrusted('the access token\'s "iss" claim names no configured issuer');
  return issuer;
}
