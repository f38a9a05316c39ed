/** Last characters whose bits beyond the last whole byte are zero, by the number of characters in the last group. */
const lastOf = new Map([
  [2, 'AQgw'],
  [3, 'AEIMQUYcgkosw048'],
]);

/**
 * Whether ASCII text is the one spelling of the bytes that it decodes to (RFC 7515 2, RFC 4648 3.5): what it is when
 * re-encoding them gives the same text, which would cost three times as much. Node's decoder skips what it does not
 * know, which then shows in the number of bytes, and takes the other alphabet too, which has two characters of its own.
 *
 * @param text ASCII alone: the decoder takes U+0141 for its low byte, an `A`
 * @param length how many bytes it was decoded to
 */
export function isCanonicalBase64url(text: string, length: number): boolean {
  if (length !== Math.floor((text.length * 3) / 4) || text.includes('+') || text.includes('/')) return false;
  const rest = text.length % 4;
  return rest === 0 || lastOf.get(rest)?.includes(text.slice(-1)) === true;
}
