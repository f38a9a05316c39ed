export interface Challenge {
  readonly error: string | undefined;
  readonly maxAge: number | undefined;
}

/** A scheme, or a parameter of the scheme before it with its value, quoted or not (RFC 9110, 11.6.1). */
const PART = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g;

/**
 * What the dashboard acts on in a `WWW-Authenticate` header (RFC 6750, RFC 9470): the challenge for the scheme that it
 * speaks, Bearer, and no other's.
 */
export function readChallenge(header: string | null): Challenge {
  const parameters = new Map<string, string>();
  let scheme = '';
  for (const [, name = '', quoted, bare] of (header ?? '').matchAll(PART)) {
    const value = quoted ?? bare;
    if (value === undefined) scheme = name.toLowerCase();
    else if (scheme === 'bearer') parameters.set(name.toLowerCase(), value);
  }
  const maxAge = parameters.get('max_age') ?? '';
  return {
    error: parameters.get('error'),
    maxAge: /^\d{1,9}$/.test(maxAge) ? Number(maxAge) : undefined,
  };
}
