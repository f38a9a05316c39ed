/** The path of a URI in its normal form (RFC 3986 6.2.2, 6.2.3). Two paths that mean the same become the same. */
export function normalPath(path: string): string {
  return withoutDotSegments(path.replaceAll(/%[\dA-Fa-f]{2}/g, normalOctet));
}

/** Unreserved characters are written plainly, all others with capital digits (RFC 3986 6.2.2.1, 6.2.2.2). */
function normalOctet(octet: string): string {
  const character = String.fromCodePoint(Number.parseInt(octet.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : octet.toUpperCase();
}

/** RFC 3986 5.2.4, for a path that is empty or begins with a slash. */
function withoutDotSegments(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}`;
}
