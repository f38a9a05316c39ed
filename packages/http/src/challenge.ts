type Parameters = Readonly<Record<string, string | undefined>>;

export type Scheme = 'Bearer' | 'DPoP';

/** One challenge (RFC 9110, 11.6.1), safe to send whatever its values hold. */
export function challenge(scheme: Scheme, parameters: Parameters): string {
  const written = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}="${quotable(value)}"`],
  );
  return `${scheme} ${written.join(', ')}`;
}

/** RFC 6750, 3 allows printable ASCII without the quote and the backslash in these values. */
function quotable(value: string): string {
  return value.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
}
