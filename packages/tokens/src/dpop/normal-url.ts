import { normalPath } from './normal-path.ts';

/** RFC 3986, appendix B, for a URI with an authority and without user: scheme, authority, path. */
const parts = /^(https?):\/\/([^/?#@\\]+)((?:\/[^?#]*)?)(?:[?#]|$)/i;

/**
 * An absolute http or https URL in its normal form, without query and fragment (RFC 3986 6.2.2, 6.2.3).
 *
 * @returns undefined when the text is no such URL
 */
export function normalUrl(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text)) return undefined; // `URL` would drop line breaks instead of refusing them
  const [, scheme, authority, path] = parts.exec(text) ?? [];
  if (path === undefined || !URL.canParse(`${scheme}://${authority}`)) return undefined;
  return `${new URL(`${scheme}://${authority}`).origin}${normalPath(path)}`;
}
